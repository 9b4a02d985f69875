import re

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from approvals.actions import two_factor
from approvals.models import Mail, Mediator
from approvals.queries import readers
from approvals.rules.two_factor import Step, is_of_app, plain, step
from approvals.tests.codes import SECRET, code, with_app
from campaigns.tests.factories import make_user
from customers.models import HistoryEntry

pytestmark = pytest.mark.django_db


@pytest.fixture
def eva():
    return make_user("eva")


def now():
    return timezone.now()


def verbs():
    return list(HistoryEntry.objects.order_by("id").values_list("verb", "subject", "actor"))


@pytest.mark.parametrize(
    ("device", "passed", "required", "expected"),
    [
        (None, None, False, Step.OPEN),
        (None, None, True, Step.SET_UP),
        # A device that was taken away opens nothing any more.
        (None, 7, True, Step.SET_UP),
        (7, None, False, Step.ASK),
        (7, None, True, Step.ASK),
        (8, 7, False, Step.ASK),
        (7, 7, True, Step.OPEN),
    ],
)
def test_what_a_session_must_do_first(device, passed, required, expected):
    assert step(device=device, passed=passed, required=required) == expected


def test_codes_are_read_as_people_type_them():
    assert plain(" ABCDE-fghjk ") == "abcdefghjk"
    assert plain("123 456") == "123456"
    assert [is_of_app(code) for code in ("123456", "12345", "١٢٣٤٥٦", "abcdef")] == [True, False, False, False]


def test_an_app_is_set_up_with_its_code(eva):
    codes = two_factor.set_up(secret=SECRET, code=code(), by=eva, now=now())
    device = TOTPDevice.objects.get(user=eva)
    assert (device.key, device.confirmed) == (SECRET, True)
    assert len(set(codes)) == 10
    assert all(re.fullmatch(r"[a-z2-9]{5}-[a-z2-9]{5}", code) for code in codes)
    assert verbs() == [("two_factor_on", "person:eva", "eva")]


@pytest.mark.parametrize("wrong", ["000000", "", "abcdef", "1234567", "²²²²²²"])
def test_a_wrong_code_sets_nothing_up(eva, wrong):
    assert wrong != code()
    with pytest.raises(ValidationError, match="not the code that belongs to this key"):
        two_factor.set_up(secret=SECRET, code=wrong, by=eva, now=now())
    assert (TOTPDevice.objects.count(), StaticToken.objects.count(), verbs()) == (0, 0, [])


def test_a_second_app_is_refused(eva):
    device, _codes = with_app(eva)
    other = "ab" * 20
    with pytest.raises(ValidationError, match="on already"):
        two_factor.set_up(secret=other, code=code(other), by=eva, now=now())
    assert list(TOTPDevice.objects.values_list("pk", "key")) == [(device.pk, SECRET)]
    assert StaticToken.objects.count() == 10


def test_the_code_that_set_it_up_opens_nothing(eva):
    moment = now()
    shown = code(now=moment)
    two_factor.set_up(secret=SECRET, code=shown, by=eva, now=moment)
    assert two_factor.show(code=shown, by=eva, now=now()) is None


@pytest.mark.postgres
def test_a_code_opens_once(eva):
    device, _codes = with_app(eva)
    shown = code()
    assert two_factor.show(code=shown, by=eva, now=now()) == device.pk
    assert two_factor.show(code=shown, by=eva, now=now()) is None
    assert not HistoryEntry.objects.exclude(verb="two_factor_on").exists()


@pytest.mark.postgres
def test_after_a_wrong_code_even_the_right_one_waits(eva):
    device, _codes = with_app(eva)
    wrong = f"{(int(code()) + 1) % 1_000_000:06}"
    assert two_factor.show(code=wrong, by=eva, now=now()) is None
    device.refresh_from_db()
    assert device.throttling_failure_count == 1
    assert two_factor.show(code=code(), by=eva, now=now()) is None
    device.throttle_reset()
    assert two_factor.show(code=code(), by=eva, now=now()) == device.pk


@pytest.mark.postgres
def test_a_recovery_code_opens_once_and_is_told(eva):
    device, codes = with_app(eva)
    assert two_factor.show(code=codes[3].upper().replace("-", " "), by=eva, now=now()) == device.pk
    assert StaticToken.objects.count() == 9
    entry = HistoryEntry.objects.get(verb="use_recovery_code")
    assert (entry.subject, entry.changes) == ("person:eva", {"recovery codes": [10, 9]})
    assert two_factor.show(code=codes[3], by=eva, now=now()) is None
    assert StaticToken.objects.count() == 9


def test_guessing_recovery_codes_is_slowed_down(eva):
    _device, codes = with_app(eva)
    assert two_factor.show(code="aaaaa-aaaaa", by=eva, now=now()) is None
    assert two_factor.show(code=codes[0], by=eva, now=now()) is None
    assert (StaticDevice.objects.get().throttling_failure_count, StaticToken.objects.count()) == (1, 10)


def test_recovery_codes_are_not_kept_as_they_are(eva, settings):
    _device, codes = with_app(eva)
    kept = set(StaticToken.objects.values_list("token", flat=True))
    assert all(len(token) == 16 for token in kept)
    assert not kept & {plain(code) for code in codes}
    # Whoever copies the database alone cannot try codes against it either.
    settings.SECRET_KEY = "another key"
    assert two_factor.show(code=codes[0], by=eva, now=now()) is None


def test_codes_of_one_person_are_nothing_to_another(eva):
    other = make_user("ines")
    _device, codes = with_app(eva)
    with_app(other)
    assert two_factor.show(code=codes[0], by=other, now=now()) is None
    assert StaticToken.objects.filter(device__user=eva).count() == 10


def test_new_recovery_codes_replace_the_old(eva):
    _device, old = with_app(eva)
    new = two_factor.renew_codes(code=code(), by=eva, now=now())
    assert len(set(new) - set(old)) == 10
    assert two_factor.show(code=old[0], by=eva, now=now()) is None
    StaticDevice.objects.get().throttle_reset()
    assert two_factor.show(code=new[0], by=eva, now=now()) is not None
    assert "renew_recovery_codes" in [verb for verb, *_ in verbs()]


def test_without_a_code_nothing_is_renewed_or_turned_off(eva):
    with_app(eva)
    before = set(StaticToken.objects.values_list("token", flat=True))
    assert two_factor.renew_codes(code="000000", by=eva, now=now()) is None
    assert two_factor.turn_off(code="000000", by=eva, now=now()) is False
    assert set(StaticToken.objects.values_list("token", flat=True)) == before
    assert TOTPDevice.objects.filter(user=eva).count() == 1
    assert [verb for verb, *_ in verbs()] == ["two_factor_on"]


def test_it_is_turned_off_with_a_code(eva):
    with_app(eva)
    assert two_factor.turn_off(code=code(), by=eva, now=now()) is True
    assert (TOTPDevice.objects.count(), StaticDevice.objects.count(), StaticToken.objects.count()) == (0, 0, 0)
    assert verbs()[-1] == ("two_factor_off", "person:eva", "eva")


def test_an_administrator_takes_a_lost_device_away(eva):
    with_app(eva)
    other, _codes = with_app(make_user("ines"))
    root = make_user("root", is_superuser=True)
    assert two_factor.take_away(person=eva, by=root, now=now()) is True
    assert list(TOTPDevice.objects.values_list("pk", flat=True)) == [other.pk]
    assert verbs()[-1] == ("take_two_factor_away", "person:eva", "root")
    mail = Mail.objects.get()
    assert (mail.recipient, mail.event, mail.state) == (eva, "device_taken_away", "queued")
    assert mail.subject == "[Concordia] Your two-factor sign-in was taken away"
    assert "By: Root" in mail.text
    assert "http://localhost:8000/admin/approvals/staffprofile/two-factor/" in mail.text
    told = len(verbs())
    assert two_factor.take_away(person=eva, by=root, now=now()) is False
    assert (len(verbs()), Mail.objects.count()) == (told, 1)


def test_nobody_else_takes_a_device_away(eva):
    with_app(eva)
    with pytest.raises(PermissionDenied):
        two_factor.take_away(person=eva, by=make_user("ines"), now=now())
    assert TOTPDevice.objects.filter(user=eva).exists()
    assert ([verb for verb, *_ in verbs()], Mail.objects.count()) == (["two_factor_on"], 0)


def test_who_must_have_one(eva, settings):
    settings.REQUIRE_TWO_FACTOR = True
    root, isabel, henry = make_user("root", is_superuser=True), make_user("isabel"), make_user("henry")
    Mediator.objects.create(user=isabel, stand_in=henry)
    people = [eva, root, isabel, henry]
    must = lambda: [readers.find(person).two_factor_required for person in people]  # noqa: E731
    assert must() == [False, True, True, True]
    settings.REQUIRE_TWO_FACTOR = False
    assert must() == [False] * 4
