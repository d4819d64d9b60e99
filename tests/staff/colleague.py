"""Somebody of the staff with a browser of their own, without a browser: forms are read from the pages and sent back."""

import html
import re
from html.parser import HTMLParser
from typing import Any

import httpx

PASSWORD = "una clave bastante larga"
FIELD = re.compile(r'name="csrf" value="([^"]+)"')


class Forms(HTMLParser):
    """The forms of a page by their action: the fields as a browser would send them."""

    def __init__(self, page: str):
        super().__init__()
        self.forms: list[tuple[str, dict[str, Any]]] = []
        self.area = self.select = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {k: v or "" for k, v in attrs}
        name = found.get("name", "")
        if tag == "form":
            self.forms.append((found["action"], {}))
        elif not self.forms or (not name and tag != "option"):
            return
        elif tag == "input" and found.get("type") not in ("file",):
            if found.get("type") == "checkbox":
                if "checked" in found:
                    self.forms[-1][1].setdefault(name, []).append(found["value"])
            else:
                self.forms[-1][1][name] = found.get("value", "")
        elif tag == "textarea":
            self.area = name
            self.forms[-1][1][name] = ""
        elif tag == "select":
            self.select = name
        elif tag == "option" and self.select and ("selected" in found or self.select not in self.forms[-1][1]):
            self.forms[-1][1][self.select] = found.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self.area:
            self.forms[-1][1][self.area] = self.forms[-1][1][self.area].removeprefix("\n")
            self.area = ""
        elif tag == "select":
            self.select = ""

    def handle_data(self, data: str) -> None:
        if self.area:
            self.forms[-1][1][self.area] += data


class Colleague:
    def __init__(self, url: str, name: str = "", language: str = "es"):
        self.client = httpx.Client(base_url=url, timeout=60, headers={"Accept-Language": language})
        self.name = name
        if name:
            assert self.sign_in(PASSWORD).status_code == 303

    def sign_in(self, password: str, name: str | None = None) -> httpx.Response:
        token = re.findall(r'name="token" value="([^"]+)"', self.client.get("/staff/in").text)[0]
        filled = {"name": name or self.name, "password": password, "token": token}
        return self.client.post("/staff/in", data=filled)

    @property
    def csrf(self) -> str:
        return html.unescape(FIELD.findall(self.client.get("/staff/account").text)[0])

    def get(self, path: str, status: int = 200) -> str:
        answer = self.client.get(f"/staff{path}")
        assert answer.status_code == status, answer.text
        return answer.text

    def post(self, path: str, fields: dict[str, Any], **options: Any) -> httpx.Response:
        return self.client.post(f"/staff{path}", data={"csrf": self.csrf, **fields}, **options)

    def form(self, path: str, action: str | None = None) -> dict[str, Any]:
        """The fields of a page's form with that action; the page's own address without one."""
        return self.form_of_page(self.get(path), action or path)

    @staticmethod
    def form_of_page(page: str, action: str) -> dict[str, Any]:
        return next(fields for place, fields in Forms(page).forms if place == f"/staff{action.split('?')[0]}")

    def fill(self, path: str, fields: dict[str, Any], action: str | None = None) -> httpx.Response:
        """Open a page, change some fields of its form and send it."""
        return self.client.post(f"/staff{action or path}", data={**self.form(path, action), **fields})
