"""Sent mail in the admin."""

import pytest
from django.urls import reverse

from approvals.choices import MailState
from approvals.models import Mail
from approvals.tests.builders import NOW, escalated_dispute, make_department, make_user, open_dispute
from campaigns.tests.factories import lead_of
from customers.models import HistoryEntry

pytestmark = pytest.mark.django_db

LIST = "admin:approvals_mail_changelist"
QUERIES = 10


def url(mail, page="change"):
    return reverse(f"admin:approvals_mail_{page}", args=[mail.pk])


def listed(response):
    return set(response.context["cl"].result_list)


def administrator():
    return make_user("alicia", is_superuser=True)


def test_people_see_their_own_mail_and_administrators_all(client):
    dispute = open_dispute()
    for lead in dispute.leads:
        client.force_login(lead)
        assert listed(client.get(reverse(LIST))) == set(Mail.objects.filter(recipient=lead)) != set()
    client.force_login(administrator())
    assert listed(client.get(reverse(LIST))) == set(Mail.objects.all())


def test_without_mail_the_list_says_when_there_will_be_some(client):
    client.force_login(lead_of(make_department("CRM")))
    assert "No mail yet" in client.get(reverse(LIST)).content.decode()


def test_somebody_elses_mail_does_not_exist(client):
    dispute = open_dispute()
    mail = Mail.objects.get(recipient=dispute.leads[1])
    client.force_login(dispute.leads[0])
    assert client.get(url(mail)).status_code == 404
    assert client.get("/admin/approvals/mail/abc/change/").status_code == 404


def test_page_shows_headers_text_and_a_sandboxed_html_part(client):
    dispute = open_dispute()
    mail = Mail.objects.get(recipient=dispute.leads[0])
    Mail.objects.filter(pk=mail.pk).update(html='<p onclick="x()">Hi "you"</p>', text="Plain <words>")
    client.force_login(dispute.leads[0])
    page = client.get(url(mail)).content.decode()
    assert mail.subject in page
    assert mail.recipient.email in page
    assert mail.message_id.strip("<>") in page
    assert "Plain &lt;words&gt;" in page
    letter = reverse("admin:approvals_mail_letter", args=[mail.pk])
    assert f'sandbox="" src="{letter}"' in page


def test_the_html_part_may_style_itself_and_nothing_else(client):
    dispute = open_dispute()
    mail = Mail.objects.get(recipient=dispute.leads[0])
    letter = reverse("admin:approvals_mail_letter", args=[mail.pk])
    client.force_login(dispute.leads[0])
    answer = client.get(letter)
    assert answer.content.decode() == mail.html
    policy = dict(part.strip().partition(" ")[::2] for part in answer["Content-Security-Policy"].split(";"))
    assert policy == {
        "default-src": "'none'",
        "style-src": "'unsafe-inline'",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'self'",
        "sandbox": "",
    }
    assert answer["X-Frame-Options"] == "SAMEORIGIN"
    client.force_login(dispute.leads[1])
    assert client.get(letter).status_code == 404


def test_note_names_the_folder_when_no_mail_server_is_configured(client, settings, tmp_path):
    open_dispute()
    client.force_login(administrator())
    settings.EMAIL_BACKEND, settings.EMAIL_FILE_PATH = "approvals.mail_files.EmailBackend", tmp_path
    assert str(tmp_path) in client.get(reverse(LIST)).content.decode()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    assert str(tmp_path) not in client.get(reverse(LIST)).content.decode()


def test_administrator_sends_a_failed_mail_again(client):
    dispute = open_dispute()
    mail = Mail.objects.get(recipient=dispute.leads[0])
    Mail.objects.filter(pk=mail.pk).update(state=MailState.FAILED, tries=12, error="550 no such box")
    client.force_login(administrator())
    assert "Send again" in client.get(url(mail)).content.decode()
    client.post(url(mail, "retry"))
    mail.refresh_from_db()
    assert (mail.state, mail.tries, mail.error) == (MailState.QUEUED, 0, "")
    assert HistoryEntry.objects.filter(verb="retry_mail").count() == 1
    again = client.post(url(mail, "retry"), follow=True)
    assert "Nothing to do" in again.content.decode()
    assert HistoryEntry.objects.filter(verb="retry_mail").count() == 1


def test_the_recipient_cannot_send_it_again(client):
    dispute = open_dispute()
    mail = Mail.objects.get(recipient=dispute.leads[0])
    Mail.objects.filter(pk=mail.pk).update(state=MailState.FAILED, error="550 no such box")
    client.force_login(dispute.leads[0])
    assert "Send again" not in client.get(url(mail)).content.decode()
    assert client.post(url(mail, "retry")).status_code == 403
    client.force_login(dispute.leads[1])
    assert client.post(url(mail, "retry")).status_code == 404
    mail.refresh_from_db()
    assert mail.state == MailState.FAILED


def test_sending_again_is_never_a_get(client):
    dispute = open_dispute()
    client.force_login(administrator())
    assert client.get(url(Mail.objects.get(recipient=dispute.leads[0]), "retry")).status_code == 405


def test_mail_is_read_only(client):
    dispute = open_dispute()
    mail = Mail.objects.get(recipient=dispute.leads[0])
    client.force_login(administrator())
    client.post(url(mail), {"subject": "changed"})
    assert Mail.objects.get(pk=mail.pk).subject == mail.subject
    assert client.get(reverse("admin:approvals_mail_add")).status_code == 403
    assert client.post(reverse("admin:approvals_mail_delete", args=[mail.pk]), {"post": "yes"}).status_code == 403


def test_list_costs_the_same_for_many_mails(client, django_assert_num_queries):
    dispute, _mediator = escalated_dispute()
    client.force_login(administrator())
    client.get(reverse(LIST))
    with django_assert_num_queries(QUERIES):
        client.get(reverse(LIST))
    for place in range(10):
        Mail.objects.create(
            key=f"more{place}",
            event="case_opened",
            recipient=make_user(),
            case=dispute.case,
            language="en",
            subject=f"more {place}",
            text="text",
            html="html",
            message_id=f"<more{place}@x>",
            created_at=NOW,
            not_before=NOW,
        )
    with django_assert_num_queries(QUERIES):
        assert len(listed(client.get(reverse(LIST)))) > 10
