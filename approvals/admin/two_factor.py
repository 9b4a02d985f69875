"""Two-factor sign-in: the page that asks for a code, and the page on which people set it up and turn it off."""

from base64 import b32encode
from binascii import unhexlify

import segno
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django_otp.plugins.otp_static.models import StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from approvals.actions import two_factor
from approvals.forms.people import CodeForm
from approvals.middleware import PASSED, next_step
from approvals.rules.two_factor import Step
from customers.visible_admin import VisibleModelAdmin

_SETTINGS = "admin:approvals_staffprofile_changelist"
# The key of an app that is being set up stays in the session until a code confirms it.
_SECRET = "two_factor_secret"  # noqa: S105 - the name of a place, not a secret


def ask(page: VisibleModelAdmin, request: HttpRequest) -> HttpResponse:
    """The second step of a sign-in."""
    if next_step(request) != Step.ASK:
        return HttpResponseRedirect(_next(request))
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        device = two_factor.show(code=form.cleaned_data["code"], by=request.user, now=timezone.now())
        if device is not None:
            _open(request, device)
            return HttpResponseRedirect(_next(request))
        form.refuse()
    context = _context(page, request, form, _("Second step"))
    return TemplateResponse(request, "approvals/two_factor_ask.html", context)


def manage(page: VisibleModelAdmin, request: HttpRequest) -> HttpResponse:
    """Set up; when that is done, new recovery codes and the way to turn it off."""
    form = CodeForm(request.POST or None)
    if request.reader.device is None:
        return _set_up(page, request, form)
    if request.method == "POST" and form.is_valid():
        code, now = form.cleaned_data["code"], timezone.now()
        if "turn_off" in request.POST:
            if two_factor.turn_off(code=code, by=request.user, now=now):
                request.session.pop(PASSED, None)
                return HttpResponseRedirect(reverse(_SETTINGS))
        elif codes := two_factor.renew_codes(code=code, by=request.user, now=now):
            return _show_codes(page, request, codes)
        form.refuse()
    context = _context(page, request, form, _("Two-factor sign-in")) | {
        "required": request.reader.two_factor_required,
        "left": StaticToken.objects.filter(device__user=request.user).count(),
    }
    return TemplateResponse(request, "approvals/two_factor.html", context)


def _set_up(page: VisibleModelAdmin, request: HttpRequest, form: CodeForm) -> HttpResponse:
    secret = request.session.get(_SECRET)
    if secret is None:
        secret = request.session[_SECRET] = two_factor.new_secret()
    elif request.method == "POST" and form.is_valid():
        try:
            codes = two_factor.set_up(
                secret=secret, code=form.cleaned_data["code"], by=request.user, now=timezone.now()
            )
        except ValidationError as refusal:
            form.add_error("code", refusal)
        else:
            del request.session[_SECRET]
            _open(request, TOTPDevice.objects.get(user=request.user).pk)
            return _show_codes(page, request, codes)
    app = TOTPDevice(user=request.user, key=secret)
    key = b32encode(unhexlify(secret)).decode()
    context = _context(page, request, form, _("Set up two-factor sign-in")) | {
        "picture": _picture(app.config_url),
        "key": " ".join(key[start : start + 4] for start in range(0, len(key), 4)),
    }
    return TemplateResponse(request, "approvals/two_factor_set_up.html", context)


def _show_codes(page: VisibleModelAdmin, request: HttpRequest, codes: list[str]) -> HttpResponse:
    """Answered to the POST that made them, so that no address shows them again."""
    context = _context(page, request, None, _("Recovery codes")) | {"codes": codes, "next": _next(request)}
    return TemplateResponse(request, "approvals/two_factor_codes.html", context)


def _context(page: VisibleModelAdmin, request: HttpRequest, form: CodeForm | None, title: str) -> dict:
    context = page.admin_site.each_context(request)
    must = next_step(request) == Step.SET_UP
    # A menu whose entries all lead back here would only confuse.
    shown = context["is_nav_sidebar_enabled"] and not must
    return {
        **context,
        "crumbs": [*([] if must else [{"title": _("My settings"), "url": reverse(_SETTINGS)}]), {"title": title}],
        "title": title,
        "form": form,
        "is_nav_sidebar_enabled": shown,
        "must": must,
        "next": _next(request),
        "opts": page.opts,
    }


def _open(request: HttpRequest, device: int) -> None:
    request.session[PASSED] = device
    # What was known of the session before the second step is worth nothing after it.
    request.session.cycle_key()


def _next(request: HttpRequest) -> str:
    """Where the person wanted to go, if that is within the house."""
    wanted = request.POST.get("next") or request.GET.get("next", "")
    if url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure()):
        return wanted
    return reverse("admin:index")


def _picture(address: str) -> SafeString:
    """The QR code as an inline drawing, dark on light in both colour schemes: cameras want it so."""
    drawing = segno.make(address, error="m").svg_inline(scale=5, border=3, light="#fff", dark="#14211e")
    return mark_safe(drawing)  # noqa: S308 - drawn here, of squares alone
