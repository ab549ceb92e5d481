"""The etag is the id that git gives a file, whoever computes it."""

from __future__ import annotations

import subprocess

import pytest

from gittracker.formats import etag
from tests.support import environment


@pytest.mark.parametrize("object_format", ["sha1", "sha256"])
@pytest.mark.parametrize("data", [b"", b"what is new\n" * 100])
def test_an_etag_stays_gits_id_where_many_are_expected(object_format: str, data: bytes,
                                                       monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(etag, "_hashes", {})
    slowly = etag.blob_id(data, object_format)
    etag.expect_many(object_format)
    assert etag.blob_id(data, object_format) == slowly
    if object_format == "sha1":
        done = subprocess.run(["git", "hash-object", "--stdin", "--no-filters"], input=data, capture_output=True,
                              check=True, env=environment(), cwd="/")
        assert done.stdout.decode().strip() == slowly


def test_a_hash_that_is_not_at_hand_is_computed_as_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(etag, "_hashes", {})
    etag.expect_many("sha7")
    assert etag._hashes == {}
    assert etag.blob_id(b"x") == "c1b0730e0133447badcfd47fd144e254807b06e1"
