// Pages without the frame follow the colours that the reader chose in it, as unfold keeps them.
"use strict";

const chosen = JSON.parse(localStorage.getItem("adminTheme") ?? '"auto"');
const isDark = chosen === "auto" ? matchMedia("(prefers-color-scheme: dark)").matches : chosen === "dark";
document.documentElement.classList.toggle("dark", isDark);
// What the page of the API listens to.
document.documentElement.classList.toggle("dark-mode", isDark);
