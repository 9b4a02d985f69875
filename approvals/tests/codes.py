"""An app that shows codes, for tests of two-factor sign-in."""

from binascii import unhexlify

from django.utils import timezone
from django_otp.oath import TOTP
from django_otp.plugins.otp_totp.models import TOTPDevice

from approvals.actions import two_factor

SECRET = "12" * 20


def code(secret=SECRET, *, now=None, steps=0):
    """What the app shows at `now`, or so many half minutes later."""
    app = TOTP(unhexlify(secret))
    app.time = (now or timezone.now()).timestamp() + 30 * steps
    return f"{app.token():06}"


def with_app(person):
    """`person` has a second factor; returns their device and recovery codes. The code of now is still unused."""
    now = timezone.now()
    codes = two_factor.set_up(secret=SECRET, code=code(now=now), by=person, now=now)
    TOTPDevice.objects.filter(user=person).update(last_t=-1)
    return TOTPDevice.objects.get(user=person), codes
