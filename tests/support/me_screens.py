"""Accounts of learners, and the screens that they see of themselves."""

from dataclasses import dataclass

from firebase_admin import App, auth
from playwright.sync_api import Page, expect

PASSWORD = "correct horse battery"


def make_account(app: App, email: str) -> str:
    """An account with a proven address, as a mail would have proven it; gives its uid."""
    return str(auth.create_user(email=email, password=PASSWORD, email_verified=True, app=app).uid)


@dataclass(slots=True)
class MeScreen:
    page: Page
    url: str

    def sign_in(self, email: str) -> None:
        self.page.goto(f"{self.url}/me")
        self.give_password(email)

    def give_password(self, email: str) -> None:
        self.page.get_by_role("button", name="Use a password instead").click()
        self.page.get_by_label("E-mail address").fill(email)
        self.page.get_by_label("Password").fill(PASSWORD)
        self.page.get_by_role("button", name="Sign in", exact=True).click()

    def make_profile(self, nickname: str, *, listed: bool = False) -> None:
        self.page.get_by_label("Nickname").fill(nickname)
        self.page.get_by_label("Show my name on public boards").set_checked(listed)
        self.page.get_by_role("button", name="Make my profile").click()

    def see(self, nickname: str) -> None:
        expect(self.page.locator(".who h1")).to_have_text(nickname)

    def speak(self, language: str) -> None:
        self.page.locator(".language select").select_option(language)
        expect(self.page.locator("html")).to_have_attribute("lang", language)
