// The panel of an offer's form keeps up with what is typed. Without this script its button sends the whole page.
"use strict";

document.addEventListener("DOMContentLoaded", () => {
    const PAUSE = 600;
    const panel = document.querySelector("[data-what-if]");
    const form = panel?.closest("form");
    if (!form) return;
    const button = form.querySelector("[data-see]");
    const state = panel.querySelector("[data-state]");
    const content = panel.querySelector("[data-panel]");
    let timer = 0;
    let running = null;

    // What the panel says as well is told to who listens alone.
    const tell = (text, isSeen) => {
        state.textContent = text;
        state.classList.toggle("c-hidden", !isSeen);
    };

    const ask = async () => {
        clearTimeout(timer);
        running?.abort();
        const mine = new AbortController();
        running = mine;
        panel.setAttribute("aria-busy", "true");
        tell(panel.dataset.counting, true);
        const typed = new FormData(form);
        typed.set(button.name, "fragment");
        try {
            const answer = await fetch(location.pathname, { method: "POST", body: typed, signal: mine.signal });
            const text = await answer.text();
            // Who is no longer signed in is sent to another page.
            if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
            content.innerHTML = text;
            tell(content.querySelector("[data-sum]")?.textContent ?? "", false);
        } catch (error) {
            if (error.name === "AbortError") return;
            tell(panel.dataset.failed, true);
        }
        if (running === mine) panel.removeAttribute("aria-busy");
    };
    const schedule = (event) => {
        if (event.target.name === "confirmed" || !event.target.name) return;
        clearTimeout(timer);
        timer = setTimeout(ask, PAUSE);
    };

    form.addEventListener("input", schedule);
    // select2 tells jQuery alone, as Django's own calendar and most others tell the browser.
    form.addEventListener("change", schedule);
    window.django?.jQuery?.(form).on("change", "select.admin-autocomplete", schedule);
    form.addEventListener("submit", (event) => {
        if (event.submitter !== button) return;
        event.preventDefault();
        ask();
        panel.scrollIntoView({ block: "nearest" });
    });
});
