"""The numbers of the page are the run's."""

import html
import re

import numpy as np
import pytest

import graphcore as gc
import viz
from viz.format.numbers import format_signed, number
from viz.live.run_views import split_examples


@pytest.mark.parametrize("name", ["neurons", "square", "paths", "layers"])
def test_every_number_is_the_runs(reading, pages, name):
    page = pages[name]
    data, nodes = reading.data_of(page.html), reading.by_index(page.run)
    runs = [page.run, *split_examples(page.run)]
    assert len(data["views"]) == len(runs) == (6 if name == "layers" else 1)
    for scene, run in zip(data["views"], runs, strict=True):
        assert scene["cost"] == float(run.cost)
        assert len(scene["nodes"]) == len(data["nodes"]) >= 2
        for meta, told in zip(data["nodes"], scene["nodes"], strict=True):
            node = nodes[meta["index"]]
            for what, found in (("value", run.value), ("gradient", run.grad)):
                expected = np.asarray(found[node])
                assert told[what].get("shape", []) == list(expected.shape)
                np.testing.assert_allclose(reading.array_of(told[what]), expected, rtol=1e-6 if expected.shape else 0)
                for digits in (3, 4):
                    shown = [number(float(v), digits) for v in reading.array_of(told[what]).reshape(-1)]
                    assert shown == [number(float(v), digits) for v in expected.reshape(-1)]


def test_what_arrived_adds_up_to_the_gradient(reading, pages):
    added = 0
    for name in ("neurons", "square", "paths"):
        for told in reading.data_of(pages[name].html)["views"][0]["nodes"]:
            if told["contributions"]:
                shares = [share["contribution"]["scalar"] for share in told["contributions"]]
                assert sum(shares) == pytest.approx(told["gradient"]["scalar"], rel=1e-14)
                added += len(shares) > 1
    assert added >= 2


def test_the_table_says_it_in_the_digits_that_are_shown(pages):
    page = pages["neurons"]
    rows = dict(re.findall(r'<th scope="row">(.*?)</th>(.*?)</tr>', page.html))
    assert len(rows) == len(page.run.order)
    for node in page.run.order:
        row = html.unescape(rows[node.label])
        assert f'value">{number(float(page.run.value[node]), 4)}<' in row
        assert f'gradient">{format_signed(float(page.run.grad[node]), 4)}<' in row


def test_an_example_alone_is_the_run_of_that_example(nets):
    run = nets.layers()
    for i, alone in enumerate(split_examples(run)):
        feed = {name: run.value[name][i : i + 1] for name in ("x", "y")}
        expected = gc.backprop(run.output, feed)
        for node in run.order:
            np.testing.assert_array_equal(alone.value[node], expected.value[node])
            np.testing.assert_array_equal(alone.grad[node], expected.grad[node])


def test_the_average_of_the_examples_is_the_batch(reading, pages):
    data = reading.data_of(pages["layers"].html)
    assert data["examples"]["total"] == 5
    assert np.mean(data["examples"]["costs"]) == pytest.approx(data["views"][0]["cost"], rel=1e-14)
    run = pages["layers"].run
    gradients = data["examples"]["gradients"]
    assert len(gradients) >= 20
    for key, each in gradients.items():
        index, _, entry = key.partition(":")
        place = tuple(map(int, entry.split(","))) if entry else ()
        assert np.mean(each) == pytest.approx(float(run.grad[reading.by_index(run)[int(index)]][place]), rel=1e-12)


def test_later_parameters_change_nothing(nets):
    """A page is of a run, not of what its parameters hold now."""
    run = nets.layers()
    before = viz.page(run).html
    for parameter in run.graph.parameters.values():
        parameter.value = parameter.value + 1.0
    assert viz.page(run).html == before
    again = nets.layers()
    assert viz.page(again).html == before
