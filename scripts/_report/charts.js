"use strict";
// Draws every chart of the page, in the colours of day or night.

const CHARTS = document.getElementById("charts").textContent;
const NIGHT = {
  "#ffffff": "#14191f", "#1f2933": "#e4e7eb", "#e4e7eb": "#2d3742", "#4b5563": "#b4bec9",
  "#0a7d4f": "#3fbf86", "#c0392b": "#f07a6c", "#2c5f9e": "#6aa5ec", "#9a6b1f": "#d6a95b", "#d9730d": "#f5a04b",
  "#6d5a8c": "#ab96d6", "#3f7d8c": "#6fb8c9", "#a0628b": "#d795c1", "#7a8a3a": "#b3c56a",
};
const dark = typeof matchMedia === "undefined" ? null : matchMedia("(prefers-color-scheme: dark)");

async function draw() {
  const night = dark !== null && dark.matches;
  const text = night ? CHARTS.replace(/#[0-9a-f]{6}\b/g, (day) => NIGHT[day] || day) : CHARTS;
  const specs = JSON.parse(text);
  const options = { renderer: "svg", actions: false, tooltip: { theme: night ? "dark" : "light" } };
  for (const place of document.querySelectorAll("[data-chart]")) {
    try {
      place.finalize?.();
      const shown = await vegaEmbed(place, specs[place.dataset.chart], options);
      place.finalize = () => shown.finalize();
    } catch (fault) {
      place.textContent = `This chart cannot be drawn: ${fault.message}`;
    }
  }
}

if (dark !== null) dark.addEventListener("change", draw);
draw();
