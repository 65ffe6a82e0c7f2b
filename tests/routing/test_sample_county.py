"""Who answers what in the sample county: a table a clerk can read."""

from __future__ import annotations

import pytest

from intake.contracts import Contact, Matter
from tests.routing.county import ask, sample_router

TABLE = [
    # what the citizen wrote, who answers, category, urgency
    ("楼下一股燃气味，怀疑燃气泄漏", "emergency", "urban", "urgent"),
    ("樓下有煤氣洩漏，好危險", "emergency", "urban", "urgent"),
    ("There is a gas leak in our stairwell, please hurry", "emergency", "urban", "urgent"),
    ("老屋墙体开裂，随时会倒", "housing", "urban", "urgent"),
    ("電梯困人半個鐘，冇人救援", "market", "commerce", "urgent"),
    ("My mother was stuck in the lift for an hour", "market", "commerce", "urgent"),
    ("公司拖欠工资三个月，老板躲着不见", "hrss", "labour", "ordinary"),
    ("公司拖欠工資三個月", "hrss", "labour", "ordinary"),
    ("Three months of unpaid wages at the tile factory", "hrss", "labour", "ordinary"),
    ("在工地摔伤，工伤认定一直没有办", "hrss", "labour", "ordinary"),
    ("异地就医报销的材料要交到哪里", "medical_insurance", "labour", "ordinary"),
    ("砖厂偷排废水，河里鱼都死了", "environment", "environment", "ordinary"),
    ("陶瓷廠排放廢氣，氣味刺鼻", "environment", "environment", "ordinary"),
    ("The factory pours sewage into the river", "environment", "environment", "ordinary"),
    ("开发商迟迟不给办房产证", "housing", "urban", "ordinary"),
    ("開發商逾期交房", "housing", "urban", "ordinary"),
    ("邻居在天台违章搭建铁皮房", "urban_management", "urban", "ordinary"),
    ("街口流动摊贩占道经营，走路都难", "urban_management", "urban", "ordinary"),
    ("Street vendors block the pavement every evening", "urban_management", "urban", "ordinary"),
    ("门前垃圾堆了一周没人清运", "urban_management", "urban", "ordinary"),
    ("村口路灯坏了半年", "urban_management", "urban", "ordinary"),
    ("全村停水两天，自来水什么时候恢复", "water_supply", "urban", "ordinary"),
    ("一到晚上就停电，电压不稳", "power", "urban", "ordinary"),
    ("住房公积金提取要什么材料", "provident_fund", "urban", "ordinary"),
    ("初中老师假期有偿补课", "education", "education", "ordinary"),
    ("孩子今年入学，学区怎么划分", "education", "education", "ordinary"),
    ("Can my daughter get admission to the primary school near us?", "education", "education", "ordinary"),
    ("健身器材损坏，小孩差点受伤", "culture", "education", "ordinary"),
    ("诊所无证行医", "health", "health", "ordinary"),
    ("醫院亂開藥", "health", "health", "ordinary"),
    ("独生子女奖励金怎么领", "health", "health", "ordinary"),
    ("有人在出租屋搞传销", "market", "commerce", "ordinary"),
    ("超市卖过期奶粉，要求退款", "market", "commerce", "ordinary"),
    ("The shop sold me counterfeit shoes and refuses a refund", "market", "commerce", "ordinary"),
    ("导游强迫购物", "culture", "commerce", "ordinary"),
    ("的士司机拒载，还不打表", "transport", "transport", "ordinary"),
    ("快递丢失包裹不肯赔", "postal", "transport", "ordinary"),
    ("村道路面坑坑洼洼", "transport", "transport", "ordinary"),
    ("Deep potholes on the village road", "transport", "transport", "ordinary"),
    ("路口红绿灯时间太短", "traffic_police", "transport", "ordinary"),
    ("棋牌室聚众赌博", "public_security", "security", "ordinary"),
    ("水库堤坝渗水，灌溉渠也断了", "water", "agriculture", "ordinary"),
    ("养老院护理不周，老人受苦", "civil_affairs", "civil", "ordinary"),
    ("商店不开发票", "tax", "other", "ordinary"),
    # as people in Gaoyao also write
    ("公屋申請幾時有結果", "housing", "urban", "ordinary"),
    ("老闆走佬冇出糧", "hrss", "labour", "ordinary"),
    ("屋企附近地盤半夜開工好嘈", "urban_management", "environment", "ordinary"),
    ("冇水用三日", "water_supply", "urban", "ordinary"),
    ("巴士成日唔到站", "transport", "urban", "ordinary"),
    ("The river behind our house turned black", "environment", "environment", "ordinary"),
    ("Someone is building an extra floor on the roof", "urban_management", "urban", "ordinary"),
    ("My landlord will not give back my deposit", "housing", "urban", "ordinary"),
    ("Fireworks stored in a shop", "emergency", "other", "urgent"),
]


@pytest.mark.parametrize(("said", "bureau", "category", "urgency"), TABLE, ids=[row[0] for row in TABLE])
def test_who_answers(said: str, bureau: str, category: str, urgency: str) -> None:
    decision = ask(said)
    assert (decision.bureau, decision.category, decision.urgency, decision.by) == (
        bureau,
        category,
        urgency,
        "rule",
    )
    assert decision.reason.zh
    assert decision.reason.en
    assert decision.rule


@pytest.mark.parametrize("said", ["", "你好", "谢谢各位", "hello", "？？？", "1234", "\U0001f600"])
def test_what_says_nothing_goes_to_a_person(said: str) -> None:
    decision = ask(said)
    assert (decision.bureau, decision.by, decision.rule) == (None, "none", None)
    assert "人工" in decision.reason.zh
    assert "person" in decision.reason.en


def test_the_form_decides_only_when_the_words_say_nothing() -> None:
    assert ask("请看附件", category="environment").bureau == "environment"
    assert ask("请看附件", category="环境保护").bureau == "environment"
    assert ask("公司拖欠工资", category="environment").bureau == "hrss"


@pytest.mark.parametrize(
    ("said", "bureau"),
    [
        ("请审计局看一看这笔账", "audit"),
        ("尊敬的統計局領導，您好", "statistics"),
        ("Dear Finance Bureau, please answer my letter", "finance"),
        ("金利镇政府能否出面协调", "jinli"),
    ],
)
def test_no_rule_but_a_bureau_addressed_by_name(said: str, bureau: str) -> None:
    decision = ask(said)
    assert (decision.bureau, decision.by, decision.rule) == (bureau, "name", None)


def test_two_bureaus_addressed_is_for_a_person_to_decide() -> None:
    assert ask("请审计局和统计局看一看").bureau is None


def test_the_subject_line_says_it_first() -> None:
    assert ask("详情如下。" * 40 + "孩子在学校上学。", subject="拖欠工资").bureau == "hrss"


def test_latin_words_match_whole_words_only() -> None:
    assert ask("My business partner is busy").bureau != "transport"


def test_size_of_the_county() -> None:
    router = sample_router()
    assert len(router.bureaus) >= 35
    assert len(router.rules) >= 60


def test_every_bureau_has_contacts_at_every_level() -> None:
    router = sample_router()
    for bureau in router.bureaus:
        for level in ("handler", "leader", "office_leader"):
            (contact,) = router.recipients(bureau.code, level)
            assert contact.kind == "email"
            assert contact.value.endswith(".example")
    assert router.recipients("housing", "leader") == (
        Contact("email", "housing-leader@gaoyao.example", verified=True),
    )
    assert router.recipients("abolished", "handler") == ()
    with pytest.raises(ValueError, match="level"):
        router.recipients("housing", "minister")


def test_every_bureau_is_found_by_every_name_it_goes_by() -> None:
    router = sample_router()
    for bureau in router.bureaus:
        for name in (bureau.code, *bureau.spoken_names):
            found = router.bureaus.find(name)
            assert found is not None
            assert found.code == bureau.code


def test_the_first_matching_rule_decides() -> None:
    router = sample_router()
    for said, *_ in TABLE:
        matter = Matter("web", "", said)
        seen = router.understand(matter)
        matching = [r.id for r in router.rules if r.matches(seen.scan, matter, "", seen.named)]
        assert router.route(matter).rule == matching[0]
