// Small comforts on top of pages that work without them.
"use strict";

// Open filters close when the reader goes on elsewhere.
const closeFilters = (except) => {
    document.querySelectorAll("details.c-filter[open]").forEach((filter) => {
        if (filter !== except) filter.open = false;
    });
};

document.addEventListener("click", (event) => closeFilters(event.target.closest("details.c-filter")));
document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const open = document.querySelector("details.c-filter[open]");
    closeFilters(null);
    open?.querySelector("summary").focus();
});

// Cells name themselves on phones. In lists of unfold simplebar calls the part that scrolls by an English name.
document.addEventListener("DOMContentLoaded", () => {
    document.querySelectorAll("[data-label]").forEach((cell) => {
        const label = cell.dataset.label;
        cell.dataset.label = label.charAt(0).toLocaleUpperCase(document.documentElement.lang) + label.slice(1);
    });
});
document.querySelectorAll("#changelist [data-simplebar]").forEach((part) => {
    part.dataset.simplebarAriaLabel = part.closest("#changelist").dataset.title;
});

// unfold writes the name of a chosen file into a text field beside it; our forms leave that to the browser.
document.querySelectorAll("input[type=file]").forEach((input) => {
    input.hasChangeListener = true;
});

// select2 gives its search box no name of its own, and calls the list below it by an attribute of former times.
document.addEventListener("DOMContentLoaded", () => {
    document.querySelectorAll("select[data-autocomplete-light-function], select.admin-autocomplete").forEach((select) => {
        const label = document.querySelector(`label[for="${select.id}"]`)?.textContent.trim();
        if (!label) return;
        const name = () => {
            const box = select.parentElement.querySelector(".select2-selection, .select2-search__field");
            const parts = ".select2-selection, .select2-selection__rendered[role=textbox], .select2-search__field";
            select.parentElement.querySelectorAll(parts).forEach((part) => {
                part.setAttribute("aria-label", label);
            });
            return box;
        };
        new MutationObserver(([{ target }]) => {
            target.toggleAttribute("aria-controls", target.hasAttribute("aria-owns"));
            if (target.hasAttribute("aria-owns")) target.setAttribute("aria-controls", target.getAttribute("aria-owns"));
        }).observe(select.parentElement, { attributeFilter: ["aria-owns"], subtree: true });
        if (!name()) new MutationObserver((_, watcher) => name() && watcher.disconnect()).observe(select.parentElement, { childList: true });
    });
});

// Of an offer's terms only the fields that its mechanic uses are shown; the server empties the others anyway.
document.addEventListener("DOMContentLoaded", () => {
    const mechanic = document.querySelector("[data-terms] [name=mechanic]");
    if (!mechanic) return;
    const show = () => {
        document.querySelectorAll("[data-mechanics]").forEach((field) => {
            const used = field.dataset.mechanics.split(" ").includes(mechanic.value);
            (field.closest(".c-field") ?? field).classList.toggle("is-unused", !used);
        });
    };
    mechanic.addEventListener("change", show);
    show();
});

// Rows of a form: of a claim only the fields that its kind uses are shown, and a button in place of the empty rows at the
// end, which are there for who has no scripts.
const showUsed = (row) => {
    const kind = row.querySelector("select[name$='-kind']");
    row.querySelectorAll("[data-kinds]").forEach((field) => {
        field.closest(".c-field").classList.toggle("is-unused", !field.dataset.kinds.split(" ").includes(kind.value));
    });
};
const numbered = (row, number) => {
    row.querySelectorAll("*").forEach((part) => {
        [...part.attributes].filter(({ value }) => value.includes("__prefix__")).forEach(({ name, value }) => {
            part.setAttribute(name, value.replaceAll("__prefix__", number));
        });
    });
    row.querySelector("[data-number]").textContent = number + 1;
    return row;
};
document.addEventListener("change", (event) => {
    if (event.target.matches("[data-row] select[name$='-kind']")) showUsed(event.target.closest("[data-row]"));
});
document.addEventListener("DOMContentLoaded", () => {
    document.querySelectorAll("[data-rows]").forEach((rows) => {
        const total = rows.querySelector("input[name$='-TOTAL_FORMS']");
        const button = rows.querySelector("[data-adds-row]");
        rows.querySelectorAll("[data-row]").forEach(showUsed);
        while (button.previousElementSibling.previousElementSibling.matches("[data-row=empty]")) {
            button.previousElementSibling.previousElementSibling.remove();
            total.value = Number(total.value) - 1;
        }
        button.hidden = false;
        button.addEventListener("click", () => {
            const row = numbered(rows.querySelector("template").content.cloneNode(true).firstElementChild, Number(total.value));
            showUsed(row);
            button.before(row);
            total.value = Number(total.value) + 1;
            row.querySelector("select, input").focus();
        });
    });
});

// A secret is copied whole: the field selects itself, and the button copies it where the browser lets it.
document.addEventListener("focusin", (event) => {
    if (event.target.matches("input[readonly].c-secret")) event.target.select();
});
document.addEventListener("DOMContentLoaded", () => {
    document.querySelectorAll("button[data-copies]").forEach((button) => {
        if (!navigator.clipboard) return;
        button.hidden = false;
        button.addEventListener("click", async () => {
            await navigator.clipboard.writeText(document.getElementById(button.dataset.copies).value);
            button.querySelector("[aria-live]").textContent = button.dataset.copied;
        });
    });
});
