// What the frame's Alpine expressions call. The build of Alpine that a strict policy allows reads no globals, so each
// name is registered here. `theme` is unfold's, from its app.js.
"use strict";

document.addEventListener("alpine:init", () => {
    const KEY = "sidebarDesktopOpen";

    Alpine.data("theme", () => theme());
    Alpine.data("frame", () => ({
        // Fieldsets of unfold show themselves on this tab; the house has no others.
        activeTab: "general",
        sidebarMobileOpen: false,
        sidebarDesktopOpen: localStorage.getItem(KEY) !== "0",
        init() {
            this.$watch(KEY, (open) => localStorage.setItem(KEY, open ? "1" : "0"));
        },
    }));
});
