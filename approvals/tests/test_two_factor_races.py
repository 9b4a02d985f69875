"""One code at several doors at the same moment. Row locks exist on PostgreSQL only, so it all runs there too."""

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone
from django_otp.plugins.otp_static.models import StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from approvals.actions import two_factor
from approvals.tests.codes import SECRET, code, with_app
from approvals.tests.test_races import race
from campaigns.tests.factories import make_user

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

DOORS = 4


def at_once(verb, **how):
    return race(*[lambda: verb(now=timezone.now(), **how) for _door in range(DOORS)])


def test_a_code_of_the_app_opens_one_door():
    eva = make_user("eva")
    device, _codes = with_app(eva)
    opened = at_once(two_factor.show, code=code(), by=eva)
    assert sorted(opened, key=str) == [device.pk, None, None, None]


def test_a_recovery_code_opens_one_door():
    eva = make_user("eva")
    device, codes = with_app(eva)
    opened = at_once(two_factor.show, code=codes[0], by=eva)
    assert sorted(opened, key=str) == [device.pk, None, None, None]
    assert StaticToken.objects.count() == 9


def test_one_app_is_set_up():
    eva = make_user("eva")
    results = at_once(two_factor.set_up, secret=SECRET, code=code(), by=eva)
    kinds = [type(result) for result in results]
    assert (kinds.count(list), kinds.count(ValidationError)) == (1, 3)
    assert (TOTPDevice.objects.count(), StaticToken.objects.count()) == (1, 10)


def test_codes_are_renewed_by_the_first():
    eva = make_user("eva")
    _device, codes = with_app(eva)
    results = race(
        *[
            lambda text=text: two_factor.renew_codes(code=text, by=eva, now=timezone.now())
            for text in (codes[0], codes[1])
        ]
    )
    # The code of whoever came second had been replaced by then.
    assert [type(result) for result in results].count(list) == 1
    assert StaticToken.objects.count() == 10
