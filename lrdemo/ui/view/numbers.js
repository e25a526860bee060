// Numbers as a visitor reads them.

const whole = (value) => Math.round(value).toLocaleString("en-US");
const percent = (value) => (value == null ? "–" : `${(100 * value).toFixed(2)} %`);
const signed = (value, digits) => value.toFixed(digits).replace("-", "−");
const scientific = (value) => {
  const [digits, power] = value.toExponential(1).split("e");
  return `${digits} · 10${[...power.replace("+", "")].map((sign) => "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"["-0123456789".indexOf(sign)]).join("")}`;
};
const number = (value, digits = 3) => (value == null ? "–" : Number(value).toFixed(digits));
