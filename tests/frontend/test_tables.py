"""Tables on a phone: each cell under the heading of its column."""

import re

import pytest
from django.template import Context, Template

from frontend.tables import stackable
from tests import make, money

HEAD = '<thead><tr><th scope="col">Period</th><th scope="col"><span class="hidden">The "state"</span></th><th scope="col">Paid</th></tr></thead>'


def test_each_cell_carries_the_heading_of_its_column():
    page = stackable(
        f'<table>{HEAD}<tbody><tr><th scope="row">1</th><td>open</td><td class="number">€1</td></tr></tbody></table>'
    )

    assert re.findall(r'data-label="([^"]*)"', page) == ["Period", "The &quot;state&quot;", "Paid"]


def test_a_table_that_is_laid_out_as_blocks_still_says_that_it_is_one():
    page = stackable(f'<table>{HEAD}<tbody><tr><th scope="row">1</th><td></td><td></td></tr></tbody></table>')

    roles = re.findall(r'role="(\w+)"', page)
    assert roles == ["table", "rowgroup", "row", *["columnheader"] * 3, "rowgroup", "row", "rowheader", "cell", "cell"]


def test_a_cell_across_several_columns_is_under_none_of_them():
    page = stackable(f'<table>{HEAD}<tbody><tr><td colspan="2">Nothing.</td><td>0</td></tr></tbody></table>')

    assert re.findall(r'data-label="([^"]*)"', page) == ["Paid"]


@pytest.mark.parametrize(
    "html",
    [
        "<p>No table</p>",
        "<table><thead><tr><th>Line</th><th>Amount</th></tr></thead><tr><td>a</td><td>1</td></tr></table>",
    ],
)
def test_what_fits_everywhere_is_left_as_it_is(html: str):
    assert stackable(html) == html


def test_what_somebody_wrote_into_a_cell_stays_words():
    written = '<td onclick="x">"</table>'
    template = Template(
        "{% load tables %}{% stackable %}<table>"
        + HEAD
        + "<tbody><tr><td>{{ written }}</td></tr></tbody></table>{% endstackable %}"
    )

    page = template.render(Context({"written": written}))

    assert "&lt;td onclick=&quot;x&quot;&gt;&quot;&lt;/table&gt;</td>" in page


@pytest.mark.django_db
def test_no_page_has_to_ask_for_it(client):
    run = money.ran(*(make.member() for _ in range(5)))

    page = client.get(f"/runs/{run.pk}/").content.decode()

    assert '<table class="stacked" role="table">' in page and 'data-label="Billed per answer"' in page
