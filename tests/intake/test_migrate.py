"""Which revisions there are is read from file names; Alembic itself must see the same."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import inspect

import intake.migrations
from intake import schema
from intake.migrate import current, head, migrate, revisions
from intake.store import Store


def test_file_names_say_what_alembic_says() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(intake.migrations.__file__).parent))
    scripts = ScriptDirectory.from_config(config)
    assert head() == scripts.get_current_head()
    assert revisions() == {script.revision for script in scripts.walk_revisions()}


def test_an_empty_database_is_migrated_once(empty_database_url: str) -> None:
    store = Store(empty_database_url)
    assert current(store) is None
    assert migrate(store) is True
    assert current(store) == head()
    assert migrate(store) is False
    store.close()


def test_the_migrations_make_the_indexes_of_the_schema(database_url: str) -> None:
    store = Store(database_url)
    there = inspect(store.engine)
    for table in schema.metadata.sorted_tables:
        made = {str(i["name"]): tuple(i["column_names"]) for i in there.get_indexes(table.name)}
        for index in table.indexes:
            assert made.get(str(index.name)) == tuple(column.name for column in index.columns), index.name
    store.close()


def test_a_service_on_a_present_schema_does_not_load_alembic(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/present.sqlite3"
    store = Store(url)
    migrate(store)
    store.close()
    program = (
        "import sys; from intake.store import Store; from intake.migrate import migrate; "
        "assert migrate(Store(sys.argv[1])) is False; sys.exit('alembic' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program, url], check=False, timeout=60).returncode == 0
