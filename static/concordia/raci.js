// The last column of the matrix keeps up with its cells. Without this script it tells of what was saved or filled in.
"use strict";

document.addEventListener("DOMContentLoaded", () => {
    const form = document.querySelector("[data-raci]");
    if (!form) return;
    const sum = document.querySelector("[data-incomplete]");
    // As in campaigns/rules/raci.py.
    const MOST_CONSULTED = 5;

    const flaws = (row) => {
        const chosen = row.querySelector("[data-a]").selectedOptions[0];
        const letters = [...row.querySelectorAll("[data-letter]")].map((cell) => cell.value);
        const answers = chosen?.value ? !("gone" in chosen.dataset) : row.dataset.inherits === "yes";
        return {
            no_a: !answers,
            no_r: !letters.includes("R"),
            many_c: letters.filter((letter) => letter === "C").length > MOST_CONSULTED,
        };
    };

    const check = () => {
        let incomplete = 0;
        for (const row of form.querySelectorAll("[data-row]")) {
            const found = flaws(row);
            const lacks = found.no_a || found.no_r;
            incomplete += lacks ? 1 : 0;
            for (const badge of row.querySelectorAll("[data-flaw]")) {
                badge.hidden = badge.dataset.flaw ? !found[badge.dataset.flaw] : lacks;
            }
        }
        for (const text of sum.querySelectorAll("[data-when]")) {
            text.hidden = (text.dataset.when === "complete") !== (incomplete === 0);
        }
    };

    form.addEventListener("change", check);
    check();
});
