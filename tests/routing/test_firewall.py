"""Promise 7: the accused never handles it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intake.contracts import Matter
from tests.routing.county import ask, sample_router

ABOUT = [
    # the complaint is about this bureau
    ("环保局不作为，砖厂照样冒黑烟", "environment"),
    ("環保局不作為", "environment"),
    ("投诉环保局", "environment"),
    ("向环保局反映多次无果", "environment"),
    ("多次打电话到环保局投诉，至今没有回复", "environment"),
    ("城管队员打人，还没收我的东西", "urban_management"),
    ("城管执法人员态度恶劣", "urban_management"),
    ("交警乱罚款", "traffic_police"),
    ("举报国土所所长受贿", "natural_resources"),
    ("教育局包庇违规补课的学校", "education"),
    ("房管局互相推诿，办证无门", "housing"),
    ("派出所不立案", "public_security"),
    ("请纪委查处住建局干部吃拿卡要", "housing"),
    ("投诉：城管", "urban_management"),
    ("对高要区教育局的投诉", "education"),
    ("請問教育局是不是和培訓機構勾結", "education"),
    ("交通局的人收了客运公司的钱", "transport"),
    ("金利镇政府强占我家菜地", "jinli"),
    ("住建局说归城管管，城管说归住建局管，互相踢皮球", "urban_management"),
    ("Complaint against Gaoyao Transport Bureau", "transport"),
    ("I called and the environment bureau never came", "environment"),
    ("I complain about the Housing Bureau", "housing"),
    ("The housing bureau ignored my letters", "housing"),
    ("A traffic police officer asked for a bribe", "traffic_police"),
    ("We reported it to the environment bureau and got no reply", "environment"),
    ("The staff of the tax office were very rude to me", "tax"),
]

FOR = [
    # the bureau is named because it is competent
    ("请环保局查处偷排废水的砖厂", "environment"),
    ("希望環保局盡快處理", "environment"),
    ("恳请住建局责令开发商整改，开发商拒不办证", "housing"),
    ("教育局领导您好，学校乱收费", "education"),
    ("我家在公安局旁边，晚上噪音扰民", "public_security"),
    ("环保局的投诉电话是多少", "environment"),
    ("希望教育局不要推诿", "education"),
    ("物业公司态度恶劣，住建局管不管", "housing"),
    ("我向市监局投诉超市卖过期食品，超市拒绝退款", "market"),
    ("人社局工作人员很热情，但公司拖欠工资", "hrss"),
    ("感谢公安局及时处理，但是物业不作为", "public_security"),
    ("请城管不要暴力执法", "urban_management"),
    ("I reported my landlord to the police but he refused to return the deposit", "public_security"),
    ("The education bureau should punish the school that refused my son", "education"),
    ("Please ask the housing bureau to inspect the developer who refused to repair", "housing"),
    ("The company ignored the environment bureau", "environment"),
]


@pytest.mark.parametrize(("said", "bureau"), ABOUT, ids=[row[0] for row in ABOUT])
def test_the_bureau_complained_about_stays_out(said: str, bureau: str) -> None:
    decision = ask(said)
    assert bureau in decision.subject_bureaus
    blocked = {block.bureau for block in decision.blocks}
    assert {bureau, *sample_router().bureaus.subordinates(bureau)} <= blocked
    assert decision.bureau not in blocked
    assert not blocked & set(decision.supporting)
    for block in decision.blocks:
        assert block.reason.zh
        assert block.reason.en


@pytest.mark.parametrize(("said", "bureau"), FOR, ids=[row[0] for row in FOR])
def test_the_bureau_that_should_act_is_not_accused(said: str, bureau: str) -> None:
    assert bureau not in ask(said).subject_bureaus


def test_a_blocked_rule_goes_to_a_person_and_says_why() -> None:
    decision = ask("环保局不作为，砖厂偷排废水")
    assert (decision.bureau, decision.by, decision.rule) == (None, "none", "pollution")
    assert decision.category == "environment"
    assert "回避" in decision.reason.zh
    assert "must stay out" in decision.reason.en


def test_the_bureau_above_stands_in() -> None:
    decision = ask("交警乱罚款，红绿灯路口天天设卡")
    assert decision.bureau == "public_security"
    assert "回避" in decision.reason.zh


def test_who_is_above_is_never_chosen_when_accused_too() -> None:
    decision = ask("公安局和交警都不作为，红绿灯坏了没人修", subject_bureau="public_security")
    assert decision.bureau is None
    assert {"public_security", "traffic_police"} <= {block.bureau for block in decision.blocks}


@pytest.mark.parametrize("chosen", ["housing", "住建局", "房管局", "Housing Bureau"])
def test_the_form_names_the_bureau_complained_about(chosen: str) -> None:
    decision = ask("开发商迟迟不给办房产证", subject_bureau=chosen)
    assert decision.bureau is None
    assert decision.subject_bureaus == ("housing",)
    assert {"housing", "gas", "water_supply"} <= {block.bureau for block in decision.blocks}


def test_a_bureau_nobody_knows_blocks_nobody() -> None:
    decision = ask("开发商迟迟不给办房产证", subject_bureau="x" * 500)
    assert (decision.bureau, decision.subject_bureaus, decision.blocks) == ("housing", (), ())


def test_a_bureau_barred_before_stays_barred() -> None:
    decision = sample_router().route(Matter("web", "", "开发商不办房产证", barred=("housing", "gone_bureau")))
    assert decision.bureau is None
    assert decision.subject_bureaus == ()
    assert {"housing", "gone_bureau"} <= {block.bureau for block in decision.blocks}


PIECES = st.sampled_from(
    [row[0] for row in ABOUT + FOR]
    + [name for bureau in sample_router().bureaus for name in bureau.spoken_names]
    + [
        "不作为",
        "请",
        "向",
        "反映无果",
        "处理",
        "，",
        "。",
        "\n",
        " ",
        "开发商",
        "拖欠工资",
        " police ",
        "投诉",
    ]
)
TEXTS = st.one_of(st.text(max_size=300), st.lists(PIECES, max_size=12).map("".join))
CODES = st.sampled_from([bureau.code for bureau in sample_router().bureaus])


@settings(max_examples=300, deadline=None)
@given(
    subject=TEXTS,
    body=TEXTS,
    place=st.text(max_size=20),
    category=st.text(max_size=20),
    sender=st.text(max_size=20),
    subject_bureau=st.one_of(st.just(""), CODES, st.text(max_size=10)),
    barred=st.lists(st.one_of(CODES, st.text(max_size=5)), max_size=3).map(tuple),
)
def test_any_text_is_decided_and_no_blocked_bureau_gets_it(
    subject: str,
    body: str,
    place: str,
    category: str,
    sender: str,
    subject_bureau: str,
    barred: tuple[str, ...],
) -> None:
    router = sample_router()
    matter = Matter("web", subject, body, sender, place, category, subject_bureau, barred)
    decision = router.route(matter)
    blocked = {block.bureau for block in decision.blocks}
    expected = {
        code for code in (subject_bureau, *barred, *decision.subject_bureaus) if code in router.bureaus
    }
    for code in expected:
        assert {code, *router.bureaus.subordinates(code)} <= blocked
    assert not blocked & {decision.bureau, *decision.supporting}
    assert (decision.bureau is None) == (decision.by == "none")
    assert decision.bureau is None or decision.bureau in router.bureaus
    assert decision == router.route(matter)


@settings(max_examples=50, deadline=None)
@given(st.text(st.characters(categories=["Cs", "Cc", "Lo", "Po"]), max_size=100))
def test_even_broken_characters_are_decided(text: str) -> None:
    assert sample_router().route(Matter("sms", text, text)).reason.en
