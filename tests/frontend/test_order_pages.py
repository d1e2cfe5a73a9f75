"""Pages of ordering and paying, and the treasurer's pages behind them."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from coop.ground.clock import coop_now
from coop.work.actions import cancel_project, claim, finish_if_done
from coop.work.models import Assignment
from payouts import troubles
from payouts.actions.execution import advance_payout_items, reserve_run
from payouts.actions.orders import place_order
from payouts.actions.payments import confirm_transfer
from payouts.models import BatchFile, ExchangeRate, InboxEvent, Order, PayoutItem, RailDetails
from payouts.rails import stripe
from tests import make
from tests.payouts.paying import approved_run, ariary, on_connect, on_mvola
from tests.script.stripe_standin.running import account, on_stripe, standin, stripe_client  # noqa: F401

pytestmark = pytest.mark.django_db


def logged_in(person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def text(answer) -> str:
    return answer.content.decode()


def test_clara_orders_by_transfer_and_is_told_what_to_write(settings):
    settings.BANK_DETAILS = "The Co-op, FR76 1234"
    project = make.quoted()
    clara = logged_in(make.owner(project))
    offered = text(clara.get(f"/projects/{project.pk}/order/"))
    assert "by Stripe" not in offered and "bank transfer" in offered

    page = clara.post(f"/projects/{project.pk}/order/", {"method": "bank_transfer"}, follow=True)

    order = Order.objects.get()
    assert order.reference in text(page) and "FR76 1234" in text(page)
    assert clara.get(f"/projects/{project.pk}/order/").status_code == 302


def test_clara_pays_by_card_on_the_payment_page(on_stripe):  # noqa: F811
    project = make.quoted()
    clara = logged_in(make.owner(project))

    away = clara.post(f"/projects/{project.pk}/order/", {"method": "checkout"})
    assert away.status_code == 302 and away["Location"].startswith(on_stripe.server.url)
    order = Order.objects.get()
    assert clara.post(f"/orders/{order.pk}/pay/")["Location"] == away["Location"]
    on_stripe.ask("pay", session=order.checkout)

    back = clara.post(f"/orders/{order.pk}/pay/", follow=True)

    assert "already paid" in text(back)
    order.refresh_from_db()
    assert order.state == "paid"


def test_a_paid_order_is_cancelled_and_says_that_the_money_goes_back(on_stripe):  # noqa: F811
    project = make.quoted()
    clara = logged_in(make.owner(project))
    clara.post(f"/projects/{project.pk}/order/", {"method": "checkout"})
    order = Order.objects.get()
    on_stripe.ask("pay", session=order.checkout)

    page = clara.post(f"/orders/{order.pk}/cancel/", follow=True)

    assert "goes back to you" in text(page) and "The day it is sent will stand here." in text(page)


def test_pages_offer_to_order_only_what_can_be_ordered(clock):
    made = {"quoted": make.quoted(), "draft": make.draft(items=2), "live": make.live(), "done": make.delivered()}
    made["withdrawn"] = make.live()
    cancel_project(project=made["withdrawn"], by=make.owner(made["withdrawn"]).actor, now=coop_now())
    made["expired"] = make.quoted()
    offered, taken = {}, {}

    for name, project in made.items():
        if name == "expired":
            clock.advance(days=60)
        person = logged_in(make.owner(project))
        own, page = text(person.get(f"/projects/{project.pk}/")), text(person.get(f"/projects/{project.pk}/order/"))
        api = person.post(f"/api/v1/projects/{project.pk}/order/", {"method": "bank_transfer"}, "application/json")
        offered[name] = f"/projects/{project.pk}/order/" in own, "Place the order" in page
        taken[name] = api.status_code

    assert offered == {name: (name == "quoted", name == "quoted") for name in made}
    assert taken == {name: 201 if name == "quoted" else 409 for name in made}


def test_pages_offer_to_withdraw_only_what_can_be_withdrawn():
    """`paid` has its order paid, `begun` is worked on, `done` is delivered."""
    theo, hanitra = make.treasurer(), make.member("hanitra")
    projects = {name: make.quoted(items=1, redundancy=1) for name in ("paid", "begun", "done")}
    orders = {
        name: place_order(project=project, method="bank_transfer", by=make.owner(project).actor, now=coop_now())
        for name, project in projects.items()
    }
    for order in orders.values():
        seen = {"amount": order.amount, "reference": order.reference}
        confirm_transfer(order=order, **seen, by=theo.actor, now=coop_now())
    claim(project=projects["begun"], by=hanitra.actor, now=coop_now())
    make.answer(make.member("awa"), projects["done"])
    finish_if_done(project=projects["done"], now=coop_now())
    offered, taken = {}, {}

    for name, project in projects.items():
        person = logged_in(make.owner(project))
        own, page = text(person.get(f"/projects/{project.pk}/")), text(person.get(f"/orders/{orders[name].pk}/"))
        offered[name] = "Withdraw the project" in own, "Cancel the order" in page
        taken[name] = person.post(f"/api/v1/orders/{orders[name].pk}/cancel/").status_code

    assert offered == {"paid": (True, True), "begun": (False, False), "done": (False, False)}
    assert taken == {"paid": 200, "begun": 409, "done": 409}


def test_a_project_without_a_quote_is_not_ordered():
    project = make.draft(items=2)
    page = logged_in(make.owner(project)).post(f"/projects/{project.pk}/order/", {"method": "bank_transfer"})

    assert page.status_code == 422 and "no quote" in text(page)


def test_theo_confirms_a_transfer_and_a_wrong_amount_is_said_beside_the_field():
    project, theo = make.quoted(), logged_in(make.treasurer().user)
    order = place_order(project=project, method="bank_transfer", by=make.owner(project).actor, now=coop_now())
    assert order.reference in text(theo.get("/treasurer/transfers/"))
    here = f"/treasurer/transfers/{order.pk}/confirm/"

    wrong = theo.post(here, {"amount": "1,00", "reference": "FT-1"})
    nonsense = theo.post(here, {"amount": "a lot", "reference": ""})
    euros, cents = divmod(order.amount, 100)
    right = theo.post(here, {"amount": f"{euros},{cents:02d} €", "reference": "FT-1"}, follow=True)

    assert wrong.status_code == 422 and "€1.00 was paid, but order" in text(wrong)
    assert nonsense.status_code == 422 and "Write the amount like" in text(nonsense)
    assert f"Order {order.reference} is paid" in text(right)


def test_theo_replays_a_message_that_could_not_be_handled():
    now = coop_now()
    event = InboxEvent.objects.create(
        account="platform", event_id="evt_1", type="charge.succeeded", about="ch_1", payload=b"{}", source="webhook",
        next_try_at=now, said_at=now, received_at=now,
    )  # fmt: skip
    InboxEvent.objects.update(state="poison", trouble="wrong_amount: 1")
    theo = logged_in(make.treasurer().user)
    assert "wrong_amount: 1" in text(theo.get("/treasurer/inbox/"))

    page = theo.post(f"/treasurer/inbox/{event.pk}/replay/", follow=True)

    assert "back in the queue" in text(page) and InboxEvent.objects.get().state == "new"


# --- being paid


def test_hanitra_says_where_she_is_paid_and_what_reaches_madagascar():
    hanitra = logged_in(make.member("hanitra").user)
    page = text(hanitra.get("/rail/"))
    assert "Stripe does not pay out to your country" in page and "MVola" in page and "acct_" not in page

    wrong = hanitra.post("/rail/", {"rail": "mobile_money", "operator": "mvola", "number": "12"})
    right = hanitra.post(
        "/rail/", {"rail": "mobile_money", "operator": "mvola", "number": "+261 38 76 543 21"}, follow=True
    )

    assert wrong.status_code == 422 and "not a number of MVola" in text(wrong)
    assert "MVola +261…321" in text(right) and "7654321" not in text(right)
    assert RailDetails.objects.get().rail == "mobile_money"


@pytest.mark.parametrize("country", ["FR", "KE", "JP"])
def test_every_member_has_a_page_whatever_reaches_them(country):
    page = logged_in(make.member(country=country).user).get("/rail/")

    assert page.status_code == 200
    assert ("acct_" in text(page)) == (country == "FR") and ("M-Pesa" in text(page)) == (country == "KE")


def test_theo_opens_an_account_at_stripe_and_is_ready_when_it_has_his_papers(on_stripe):  # noqa: F811

    on_stripe.ask("new-accounts", transfers="inactive")
    theo = logged_in(make.member("theo").user)
    assert "Open an account at Stripe" in text(theo.get("/rail/"))

    away = theo.post("/rail/stripe/")
    again = theo.post("/rail/stripe/")

    account = RailDetails.objects.get().opened()["account"]  # noqa: F811
    assert away["Location"] == again["Location"] == f"{on_stripe.server.url}/onboard/{account}"
    assert stripe.account_can_receive(account) is False
    on_stripe.ask("accounts", account=account, transfers="active")
    assert stripe.account_can_receive(account) is True
    assert "Go on with my papers" in text(theo.get("/rail/"))


def test_where_stripe_does_not_reach_no_account_is_opened(on_stripe):  # noqa: F811
    hanitra = logged_in(make.member("hanitra").user)

    page = hanitra.post("/rail/stripe/", follow=True)

    assert "does not pay out to your country" in text(page) and not RailDetails.objects.exists()
    assert Client().post("/rail/stripe/").status_code == 302
    assert logged_in(make.user("mallory")).post("/rail/stripe/").status_code == 404


@pytest.fixture
def sent_to_operator():
    theo = make.treasurer()
    ariary(theo)
    members = [on_mvola(1000, "hanitra"), on_mvola(2000, "rado", "+261340000002")]
    approved_run(theo)
    for _ in range(2):
        advance_payout_items(now=coop_now(), wall=coop_now())
    return theo, members, BatchFile.objects.get()


def test_theo_takes_the_file_to_the_operator_and_brings_the_answer_back(sent_to_operator):
    member, _members, file = sent_to_operator
    theo = logged_in(member.user)
    assert file.file_name in text(theo.get("/treasurer/payouts/"))
    assert theo.get(f"/treasurer/files/{file.pk}/").status_code == 404
    content = theo.post(f"/treasurer/files/{file.pk}/download/", follow=True).content.decode().splitlines()
    keys = [line.split(";")[0] for line in content[1:]]
    said = f"reference;status;transaction_id;reason\n{keys[0]};paid;M1;\n{keys[1]};gone;;\n"

    page = theo.post(f"/treasurer/files/{file.pk}/answer/", {"file": SimpleUploadedFile("a.csv", said.encode())})
    rest = f"reference;status;transaction_id;reason\n{keys[1]};failed;;closed\n"
    done = theo.post(
        f"/treasurer/files/{file.pk}/answer/", {"file": SimpleUploadedFile("b.csv", rest.encode())}, follow=True
    )

    assert page.status_code == 422 and "Line 3" in text(page) and "1 payment was booked" in text(page)
    assert "1 failed" in text(done) and "closed" in text(done)


def test_theo_brings_an_answer_that_says_what_came_back(sent_to_operator):
    member, (hanitra, _rado), file = sent_to_operator
    theo = logged_in(member.user)
    theo.post(f"/treasurer/files/{file.pk}/download/")
    keys = [item.key for item in PayoutItem.objects.order_by("amount")]
    answers = [f"{keys[0]};paid;M1;\n{keys[1]};paid;M2;\n", f"{keys[0]};reversed;R1;wallet closed\n"]

    for said in answers:
        assert f"/treasurer/files/{file.pk}/answer/" in theo.get("/treasurer/payouts/").content.decode()
        csv = SimpleUploadedFile("a.csv", f"reference;status;transaction_id;reason\n{said}".encode())
        done = theo.post(f"/treasurer/files/{file.pk}/answer/", {"file": csv}, follow=True)

    assert "1 came back" in text(done) and PayoutItem.objects.get(member=hanitra).state == "returned"


def test_theo_gives_up_a_payment_whose_rail_is_off(on_stripe, account, settings):  # noqa: F811
    hanitra = on_connect(account, 1000, "hanitra")
    reserve_run(run=approved_run(), now=coop_now())
    item, theo = PayoutItem.objects.get(), logged_in(make.treasurer().user)
    assert "It does not go this way" not in text(theo.get("/treasurer/payouts/"))
    early = theo.post(f"/treasurer/items/{item.pk}/resolve/", {"outcome": "not_paid"})
    assert early.status_code == 422 and "Nothing about this payment is unresolved." in text(early)
    settings.STRIPE_KEY = ""
    page = text(theo.get("/treasurer/payouts/"))
    assert "It does not go this way" in page and "The rail is switched off, and nothing was asked of it" in page

    done = theo.post(f"/treasurer/items/{item.pk}/resolve/", {"outcome": "not_paid"}, follow=True)

    assert "It does not go this way" not in text(done) and str(hanitra) in text(done)
    assert PayoutItem.objects.get().state == "held"


def test_an_answer_that_is_no_text_is_refused_beside_the_field(sent_to_operator):
    member, _members, file = sent_to_operator
    theo = logged_in(member.user)
    theo.post(f"/treasurer/files/{file.pk}/download/")

    page = theo.post(f"/treasurer/files/{file.pk}/answer/", {"file": SimpleUploadedFile("a.csv", b"\xff\xfe")})

    assert page.status_code == 422 and "not UTF-8" in text(page)


def test_hanitra_sees_what_was_sent_to_her(sent_to_operator):
    _theo, (hanitra, _rado), _file = sent_to_operator

    page = text(logged_in(hanitra.user).get("/rail/"))

    assert "49,130.00" in page or "49130.00" in page


def test_theo_resolves_a_payment_that_could_not_be_explained(sent_to_operator):
    member, (hanitra, _rado), _file = sent_to_operator
    item = PayoutItem.objects.get(member=hanitra)
    PayoutItem.objects.filter(pk=item.pk).update(
        state="held", trouble=troubles.kept(troubles.UNLIKE, "po_1, po_2"), ended_at=coop_now()
    )
    theo = logged_in(member.user)
    assert "shows something else than what was asked for, and a person has to find out (po_1, po_2)" in text(
        theo.get("/treasurer/payouts/")
    )

    wrong = theo.post(f"/treasurer/items/{item.pk}/resolve/", {"outcome": "paid", "reference": ""})
    theo.post(f"/treasurer/items/{item.pk}/resolve/", {"outcome": "paid", "reference": "MV-9"})

    assert wrong.status_code == 422
    item.refresh_from_db()
    assert (item.state, item.reference) == ("paid", "MV-9")


def test_theo_records_a_rate():
    theo = logged_in(make.treasurer().user)

    page = theo.post(
        "/treasurer/rates/", {"currency": "XOF", "num": 655957, "den": 1000, "source": "fixed"}, follow=True
    )

    assert "655957 / 1000" in text(page) and ExchangeRate.objects.get().currency == "XOF"


# --- mallory


def test_for_others_none_of_it_exists(sent_to_operator):
    _theo, (hanitra, _rado), file = sent_to_operator
    project = make.quoted()
    order = place_order(project=project, method="bank_transfer", by=make.owner(project).actor, now=coop_now())
    item = PayoutItem.objects.get(member=hanitra)
    treasury = [
        ("get", "/treasurer/transfers/"), ("get", "/treasurer/inbox/"), ("get", "/treasurer/payouts/"),
        ("get", "/treasurer/rates/"), ("get", f"/treasurer/files/{file.pk}/"), ("post", f"/treasurer/files/{file.pk}/download/"), ("post", f"/treasurer/files/{file.pk}/answer/"),
        ("post", f"/treasurer/items/{item.pk}/resolve/"), ("post", f"/treasurer/transfers/{order.pk}/confirm/"),
        ("post", f"/treasurer/transfers/{order.pk}/refund/"), ("post", "/treasurer/inbox/1/replay/"),
    ]  # fmt: skip
    orders = [
        ("get", f"/orders/{order.pk}/"), ("post", f"/orders/{order.pk}/pay/"), ("post", f"/orders/{order.pk}/cancel/"),
        ("get", f"/projects/{project.pk}/order/"),
    ]  # fmt: skip
    mallory, awa = logged_in(make.user("mallory")), logged_in(hanitra.user)

    for person in (mallory, awa):
        assert {getattr(person, verb)(path).status_code for verb, path in treasury + orders} == {404}
    assert mallory.get("/rail/").status_code == 404
    nobody = Client()
    assert {getattr(nobody, verb)(path).status_code for verb, path in treasury + orders} == {302}
    assert Order.objects.get().state == "awaiting_payment"


# --- in the reader's language


def test_the_treasurer_reads_in_which_country_an_operator_pays(sent_to_operator):
    theo = logged_in(sent_to_operator[0].user)

    heading = text(theo.get("/treasurer/payouts/"))
    french = text(theo.get("/treasurer/payouts/", HTTP_ACCEPT_LANGUAGE="fr"))

    assert "MVola, Madagascar" in heading and "MVola, Madagascar" in french


def test_an_amount_is_written_as_the_reader_writes_it():
    project = make.quoted()
    order = place_order(project=project, method="bank_transfer", by=make.owner(project).actor, now=coop_now())
    theo = logged_in(make.treasurer().user)
    here = f"/treasurer/transfers/{order.pk}/confirm/"
    written = {"reference": "FT-1", "amount": "beaucoup"}

    wrong = text(theo.post(here, written, headers={"Accept-Language": "fr"}))
    in_english = text(theo.post(here, written))
    amount = f"{order.amount // 100},{order.amount % 100:02d}"
    theo.post(here, {"reference": "FT-1", "amount": amount}, headers={"Accept-Language": "fr"})

    assert "Écrivez le montant comme 1234,56." in wrong and "Write the amount like 1234.56." in in_english
    assert Order.objects.get().state == "paid"


def test_a_button_says_what_it_does_and_a_column_what_it_holds():
    make.delivered()
    project = make.quoted()
    clara = logged_in(make.owner(project))
    hanitra = logged_in(Assignment.objects.filter(answers__isnull=False)[0].member.user)

    button = text(clara.get(f"/projects/{project.pk}/order/", HTTP_ACCEPT_LANGUAGE="fr"))
    column = text(hanitra.get("/work/time/", HTTP_ACCEPT_LANGUAGE="fr"))

    assert "<button>Commander</button>" in button
    assert "Temps compté" in column and "Dépouillée" not in column


@pytest.mark.parametrize(
    ("stored", "said"),
    [
        (troubles.kept(troubles.UNLIKE, "po_1, po_2"), "Le moyen de paiement montre autre chose"),
        (troubles.kept(troubles.NOT_PAID, "MV-9"), "d’après la trésorerie (MV-9)"),
        ("mvola: compte fermé", "MVola, Madagascar dit : compte fermé"),
    ],
)
def test_why_a_payment_is_held_is_said_in_the_reader_s_language(sent_to_operator, stored, said):
    member, (hanitra, _rado), _file = sent_to_operator
    PayoutItem.objects.filter(member=hanitra).update(state="held", trouble=stored, ended_at=coop_now())

    for person, page in [(member, "/treasurer/payouts/"), (hanitra, "/rail/")]:
        shown = text(logged_in(person.user).get(page, HTTP_ACCEPT_LANGUAGE="fr"))
        assert said in shown and "canut." not in shown
