"use strict";
// What a leveraged token becomes, live: the same as `after` in scripts/_paper/closed.py.

const YEAR = 365;

function after(leverage, move, days, volatility, costsADay) {
  const slippage = ((leverage * (leverage - 1)) / 2) * (days / YEAR) * volatility ** 2;
  const straight = (1 + move) ** leverage;
  const bent = straight * Math.exp(-slippage);
  const worth = bent * Math.exp(-costsADay * days);
  return [worth, straight, straight - bent, bent - worth];
}

const percent = (part) =>
  (part < 0 ? "−" : "+") + (100 * Math.abs(part)).toFixed(Math.abs(part) < 0.1 ? 2 : 1) + " %";
const dollars = (part) => Math.round(1000 * part).toLocaleString("en-US");

function told(leverage, move, days, volatility, costsADay) {
  const [worth, straight, slippage, costs] = after(leverage, move, days, volatility, costsADay);
  const does = (part, name) =>
    `${name} ${part < 0 ? "gives" : "takes"} ${dollars(Math.abs(part))}`;
  return [
    `You get ${percent(worth - 1)}: 1,000 dollars become ${dollars(worth)}.`,
    `Without volatility it would be ${percent(straight - 1)} (${dollars(straight)} dollars); ` +
      `${does(slippage, "beta slippage")}, ${does(costs, "what is charged")}.`,
  ];
}

function calculate(form) {
  const number = (name) => form.elements[name].valueAsNumber;
  const [leverage, move, days] = [number("leverage"), number("move"), number("days")];
  const [volatility, costs] = [number("volatility") / 100, number("costs") / 100];
  const output = form.querySelector("output");
  const valid = form.checkValidity() && ![leverage, move, days, volatility, costs].some(isNaN);
  const yearly = form.elements.per.value === "year" ? volatility : volatility * Math.sqrt(YEAR);
  const lines = valid
    ? told(leverage, move / 100, days, yearly, costs)
    : ["Each field takes a number within its bounds: the price cannot fall by all of itself."];
  output.replaceChildren(
    ...lines.map((line) => Object.assign(document.createElement("p"), { textContent: line }))
  );
}

if (typeof document !== "undefined") {
  const form = document.getElementById("calculator");
  form.addEventListener("input", () => calculate(form));
  form.addEventListener("submit", (event) => event.preventDefault());
  calculate(form);
}
