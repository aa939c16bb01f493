"""Op packs: found without being loaded, loaded once, and taken back as a whole when their import fails."""

import sys

import pytest

import graphcore as gc
import ops

DOUBLE = "import graphcore as gc\n@gc.op(elementwise=True)\ndef {name}(x):\n    return 2 * x\n"


@pytest.fixture
def install(tmp_path, monkeypatch):
    """A function that lays a distribution with one entry point on the path, module files given as text."""
    before = set(sys.modules)
    monkeypatch.syspath_prepend(tmp_path)

    def lay(pack, files, module=None, distribution=None):
        distribution = distribution or f"dist-{pack}"
        info = tmp_path / f"{distribution.replace('-', '_')}-1.5.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 1.5\n")
        (info / "entry_points.txt").write_text(f"[graphcore.ops]\n{pack} = {module or f'{pack}_pack'}\n")
        for file, text in files.items():
            (tmp_path / file).parent.mkdir(exist_ok=True)
            (tmp_path / file).write_text(text)

    yield lay
    for module in set(sys.modules) - before:
        if module.partition(".")[0].endswith("_pack"):
            del sys.modules[module]


def registered():
    return dict(gc.registry.items()), dict(gc.registry.functions)


def test_a_pack_is_found_and_not_loaded(install):
    install("twice", {"twice_pack.py": DOUBLE.format(name="twice")})
    assert gc.OpPack("twice", "dist-twice", "1.5", loaded=False) in gc.op_packs()
    assert "twice_pack" not in sys.modules
    assert "twice" not in gc.registry


def test_loading_is_importing_and_twice_is_once(install):
    install("twice", {"twice_pack.py": DOUBLE.format(name="twice")})
    assert gc.load_ops("twice") == ["twice"]
    op = gc.registry["twice"]
    assert sys.modules["twice_pack"].twice is op
    assert gc.load_ops("twice") == ["twice"]
    assert gc.registry["twice"] is op
    assert gc.OpPack("twice", "dist-twice", "1.5", loaded=True) in gc.op_packs()


def test_a_pack_that_was_imported_is_loaded(install):
    install("twice", {"twice_pack.py": DOUBLE.format(name="twice")})
    import twice_pack

    assert gc.load_ops("twice") == ["twice"]
    assert gc.registry["twice"] is twice_pack.twice


def test_a_pack_may_be_of_several_modules(install):
    files = {
        "many_pack/__init__.py": "from . import rules, more",
        "many_pack/rules.py": DOUBLE.format(name="from_rules"),
        "many_pack/more.py": DOUBLE.format(name="from_more"),
    }
    install("many", files)
    assert gc.load_ops("many") == ["from_more", "from_rules"]


def test_a_name_that_no_pack_bears(install):
    install("twice", {"twice_pack.py": ""})
    with pytest.raises(gc.errors.UnknownNameError, match=r"'twise'.* there are .*twice.*Did you mean 'twice'\?"):
        gc.load_ops("twise")


def test_a_name_that_two_packs_bear(install):
    install("twice", {"twice_pack.py": DOUBLE.format(name="twice")})
    install("twice", {}, distribution="another")
    with pytest.raises(gc.errors.NameTakenError, match=r"another 1\.5 and by dist-twice 1\.5"):
        gc.load_ops("twice")
    assert "twice" not in gc.registry


def test_a_pack_that_fails_leaves_the_registry_as_it_was_and_can_be_mended(install, tmp_path):
    replaces = "import graphcore as gc\n@gc.op(replace=True)\ndef sigmoid(z):\n    return z\n" * 2
    plain = "from graphcore.extend import function\n@function\ndef of_the_pack(x):\n    return x\n"
    files = {
        "half_pack/__init__.py": "from . import good, broken",
        "half_pack/good.py": DOUBLE.format(name="half") + replaces + plain,
        "half_pack/broken.py": "1 / 0",
    }
    install("half", files)
    before, original = registered(), ops.sigmoid
    with pytest.raises(gc.errors.PackError, match=r"'half' of dist-half 1\.5 .*ZeroDivisionError") as caught:
        gc.load_ops("half")
    assert isinstance(caught.value, ImportError)
    assert isinstance(caught.value.__cause__, ZeroDivisionError)
    assert registered() == before
    assert gc.registry["sigmoid"] is ops.sigmoid is original
    assert not [name for name in sys.modules if name.startswith("half_pack")]

    (tmp_path / "half_pack" / "broken.py").write_text("mended = 'as it should be'")
    try:
        assert gc.load_ops("half") == ["half", "sigmoid"]
        assert gc.registry["sigmoid"] is ops.sigmoid is ops.activation.sigmoid is not original
    finally:
        del gc.registry.functions["of_the_pack"]


@pytest.mark.parametrize("name", ["sigmoid", "stack"])
def test_a_pack_that_takes_a_name_without_saying_so(install, name):
    """The name of an operation, and that of a plain function in the namespace of nodes."""
    install("thief", {"thief_pack.py": DOUBLE.format(name="first_comes") + DOUBLE.format(name=name)})
    before = registered()
    with pytest.raises(gc.errors.PackError, match=rf"NameTakenError: .*'{name}'.*ops/.*replace=True"):
        gc.load_ops("thief")
    assert registered() == before


def test_what_a_failing_pack_loads_of_others_stays(install):
    install("inner", {"inner_pack.py": DOUBLE.format(name="of_inner")})
    install("outer", {"outer_pack.py": "import graphcore as gc\ngc.load_ops('inner')\n1 / 0"})
    with pytest.raises(gc.errors.PackError, match="outer"):
        gc.load_ops("outer")
    assert gc.load_ops("inner") == ["of_inner"]


def test_a_plain_function_does_not_take_the_place_of_another():
    def stack(arrays):
        return arrays

    with pytest.raises(gc.errors.NameTakenError, match="a function named 'stack' is registered already"):
        gc.operations.functions.function(stack)
    assert gc.registry.stack is ops.stack
