from __future__ import annotations

import pickle
import sys

import pytest

from satverify.archive import Archive, Condition
from satverify.archive.objects import ObjectStore
from satverify.errors import CredentialsError, InputError, RetrievalError
from tests.archive.conftest import KEY, S3, SECRET
from tests.archive.examples import filled, pixels_of, scene_of


def test_a_missing_package_is_named_with_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "s3fs", None)
    monkeypatch.delitem(
        vars(sys.modules["fsspec.registry"])["_registry"], "s3", raising=False
    )  # where it remembers what it imported
    archive = Archive("s3://bucket/without-the-package")
    with pytest.raises(InputError, match=r"pip install 'satverify\[s3\]'"):
        archive.entries()


def test_wrong_credentials_are_told_without_repeating_them(s3: S3) -> None:
    archive = Archive("s3://archive/refused", storage_options=s3.options(secret="wrong-secret"))
    scene = scene_of()
    with pytest.raises(CredentialsError, match="AWS_SECRET_ACCESS_KEY") as told:
        archive.add(scene, pixels_of(scene))
    assert "wrong-secret" not in str(told.value)
    with pytest.raises(CredentialsError, match="access is refused"):
        archive.entries()


def test_missing_credentials_are_told(s3: S3, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nonexistent")
    options = {"client_kwargs": {"endpoint_url": s3.url}, "skip_instance_cache": True}
    with pytest.raises(CredentialsError, match="AWS_ACCESS_KEY_ID"):
        Archive("s3://archive/unknown", storage_options=options).record({"spent": 1})


def test_credentials_from_the_environment_will_do(s3: S3, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    archive = Archive("s3://archive/environment", storage_options={"client_kwargs": {"endpoint_url": s3.url}})
    archive.record({"spent": 1})
    assert archive.ledger() == ({"spent": 1},)


def test_an_unreachable_server_is_a_retrieval_error() -> None:
    options = {"key": KEY, "secret": SECRET, "client_kwargs": {"endpoint_url": "http://127.0.0.1:1"}}
    once = {"config_kwargs": {"retries": {"total_max_attempts": 1}}}
    store = ObjectStore("s3://archive/nowhere", {**options, **once})
    store._fs.retries = 1
    with pytest.raises(RetrievalError, match=r"s3://archive/nowhere/x: Could not connect"):
        store.read("x")


def test_secrets_stay_out_of_what_is_shown_and_written(s3: S3) -> None:
    archive = filled("s3://archive/secrets", 1, **s3.options())
    archive.record({"spent": 1})
    archive.land("answer", b"content", {})
    assert SECRET not in repr(archive) + repr(archive._store)
    for key in archive._store.keys("scenes") + archive._store.keys("ledger") + archive._store.keys("landing"):
        content = archive._store.read(key)
        assert SECRET.encode() not in content
        assert KEY.encode() not in content


def test_objects_of_folder_and_bucket_are_the_same(s3: S3, tmp_path: object) -> None:
    there = filled("s3://archive/same", 2, **s3.options())
    here = filled(str(tmp_path), 2)
    keys = here._store.keys("scenes")
    assert there._store.keys("scenes") == keys
    assert there._store.read_all(keys) == here._store.read_all(keys)


def test_what_the_store_holds_is_compared_with_what_was_written(s3: S3, monkeypatch: pytest.MonkeyPatch) -> None:
    store = ObjectStore("s3://archive/verified", s3.options())
    pipe = store._fs.pipe_file

    def short(path: str, value: bytes, **options: object) -> object:
        return pipe(path, value[:-1], **options)

    monkeypatch.setattr(store._fs, "pipe_file", short)
    with pytest.raises(RetrievalError, match="holds 4 bytes that differ from the 5 written"):
        store.create("short", b"12345")


def test_a_key_is_written_once_and_listed_beside_its_namesakes(s3: S3) -> None:
    store = ObjectStore("s3://archive/keys", s3.options())
    assert store.create("folder/name_r1.tif", b"1")
    assert not store.create("folder/name_r1.tif", b"2")
    assert store.read("folder/name_r1.tif") == b"1"
    assert store.create("folder/name_r10.tif", b"3")
    assert store.create("folder/other.tif", b"4")
    assert store.create("folder/below/name_r1.tif", b"5")
    assert store.names("folder", "name_r") == ["name_r1.tif", "name_r10.tif"]
    assert store.names("folder") == ["name_r1.tif", "name_r10.tif", "other.tif"]
    assert store.folders("folder") == ["below"]
    assert store.folders("none") == store.names("none") == store.keys("none") == []
    with pytest.raises(RetrievalError, match="is not there"):
        store.read("folder/none")


def test_marks_of_folders_are_no_files(s3: S3) -> None:
    archive = Archive("s3://archive/marked", storage_options=s3.options())
    store = ObjectStore(archive.root, s3.options())
    for mark in ("", "landing/", "ledger/", "scenes/", "scenes/sentinel-2-l1c/"):
        store._fs.pipe_file(f"archive/marked/{mark}", b"")
    assert (archive.landed(), archive.ledger(), archive.entries()) == ((), (), ())
    assert list(archive.check(repair=True)) == []
    assert store.folders("") == ["landing", "ledger", "scenes"]
    assert store.folders("landing") == store.names("landing") == store.keys("landing") == []
    scene = scene_of()
    archive.add(scene, pixels_of(scene))
    archive.record({"spent": 1})
    assert [checked.condition for checked in archive.check()] == [Condition.WHOLE]
    assert archive.ledger() == ({"spent": 1},)


def test_what_is_not_the_archives_is_told_at_s3_too(s3: S3) -> None:
    archive = Archive("s3://archive/strays", storage_options=s3.options())
    archive.record({"spent": 1})
    for key in ("ledger/notes.txt", "scenes/readme.md", "plan.txt", "older/plan.txt"):
        archive._store.create(key, b"x")
    assert archive.ledger() == ({"spent": 1},)
    assert [(checked.path.removeprefix(archive.root), checked.condition) for checked in archive.check(repair=True)] == [
        ("/scenes/readme.md", Condition.STRAY),
        ("/ledger/notes.txt", Condition.STRAY),
        ("/older/", Condition.FOREIGN),
        ("/plan.txt", Condition.FOREIGN),
    ]
    assert all(checked.is_whole for checked in archive.check())


def test_a_record_that_cannot_be_read_is_taken_out_of_the_bucket(s3: S3) -> None:
    archive = Archive("s3://archive/torn", storage_options=s3.options())
    archive.record({"number": 1})
    archive._store.create("ledger/00000002.json", b'{"numb')
    archive.record({"number": 3})
    (problem,) = archive.check(repair=True)
    assert problem.moved_to == "s3://archive/torn/quarantine/ledger.jsonl"
    assert archive._store.read("quarantine/ledger.jsonl") == b'{"numb\n'
    assert list(archive.check()) == []
    assert archive.ledger() == ({"number": 1}, {"number": 3})


def test_a_server_without_conditional_writes_will_do(s3: S3, monkeypatch: pytest.MonkeyPatch) -> None:
    store = ObjectStore("s3://archive/old-server", s3.options())
    pipe = store._fs.pipe_file

    class AnswerError(Exception):
        response = {"Error": {"Code": "NotImplemented"}}  # noqa: RUF012 -- as botocore has it

    def old(path: str, value: bytes, mode: str = "overwrite") -> object:
        if mode == "create":
            raise OSError("A header you provided implies functionality that is not implemented") from AnswerError()
        return pipe(path, value)

    monkeypatch.setattr(store._fs, "pipe_file", old)
    assert store.create("x", b"1")
    assert not store.create("x", b"2")
    assert store.read("x") == b"1"


def test_a_store_travels_without_its_connections(s3: S3) -> None:
    store = ObjectStore("s3://archive/travels", s3.options())
    store.replace("x", b"1")
    assert pickle.loads(pickle.dumps(store)).read("x") == b"1"
