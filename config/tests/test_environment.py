import pytest
from django.core.exceptions import ImproperlyConfigured

from config.environment import Environment
from config.up import first_start


@pytest.fixture
def env(monkeypatch, tmp_path):
    """Sets variables, and files that variables name; reads as the settings do."""

    def read(files=(), **variables):
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        for name, content in dict(files).items():
            (tmp_path / name).write_text(content)
            monkeypatch.setenv(f"{name}_FILE", str(tmp_path / name))
        env = Environment()
        env.ENVIRON.files_cache.clear()
        return env

    yield read
    Environment.ENVIRON.files_cache.clear()


def test_a_secret_comes_from_a_file_without_its_line_break(env):
    assert env(files={"WORD": "open sesame\n"}).str("WORD", default="") == "open sesame"


def test_the_file_is_stronger_than_the_variable(env):
    assert env(files={"WORD": "from the file"}, WORD="from the shell").str("WORD") == "from the file"


def test_an_address_of_a_database_comes_from_a_file(env):
    url = "postgresql://concordia:pa%2Fss@db.example:5433/concordia\n"
    database = env(files={"WHERE": url}).db("WHERE")
    found = {name: database[name] for name in ("NAME", "USER", "PASSWORD", "HOST", "PORT")}
    wanted = {"NAME": "concordia", "USER": "concordia", "PASSWORD": "pa/ss", "HOST": "db.example", "PORT": 5433}
    assert found == wanted


@pytest.mark.parametrize("value", ["$ecret", "$HOME", "$$x", r"a\b$c"])
def test_a_password_that_begins_with_a_dollar_means_itself(env, value):
    assert env(WORD=value).str("WORD") == value
    assert env(files={"WORD": value}).str("WORD") == value


def test_a_file_that_cannot_be_read_is_said(env, monkeypatch, tmp_path):
    monkeypatch.setenv("WORD_FILE", str(tmp_path / "missing"))
    with pytest.raises(ImproperlyConfigured, match=r"WORD_FILE names a file that cannot be read: .*missing"):
        env().str("WORD", default="x")


def test_an_empty_name_of_a_file_names_none(env):
    assert env(WORD_FILE="", WORD="here").str("WORD") == "here"


@pytest.mark.parametrize("variable", ["SECRET_KEY", "SECRET_KEY_FILE"])
def test_a_first_start_makes_no_key_where_one_is_given(monkeypatch, tmp_path, variable):
    monkeypatch.delenv("SECRET_KEY")
    monkeypatch.setenv(variable, "given")
    first_start.prepare(tmp_path)
    assert not (tmp_path / "secret_key").exists()
    monkeypatch.delenv(variable)
    first_start.prepare(tmp_path)
    assert len((tmp_path / "secret_key").read_text()) > 50
