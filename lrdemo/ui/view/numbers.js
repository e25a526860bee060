// Numbers as a visitor reads them: the functions of lrdemo/formats.py, held to the same examples.

const MISSING = "–";
const LARGE = 1e9;

const missing = (value) => value == null || !Number.isFinite(value);
const grouped = (text) => text.replace(/^\d+/, (digits) => digits.replace(/\B(?=(\d{3})+$)/g, ","));
const bare = (text) => (text.includes(".") ? text.replace(/\.?0+$/, "") : text);
const raised = (power) => [...String(power)].map((sign) => "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"["-0123456789".indexOf(sign)]).join("");
const isZero = (text) => !/[1-9]/.test(text);

// 1,234.50 or −0.13; from 10⁹ on a power of ten.
function fixed(value, decimals = 2) {
  if (missing(value)) return MISSING;
  if (Math.abs(value) >= LARGE) return short(value, 3);
  const text = grouped(Math.abs(value).toFixed(decimals));
  return value < 0 && !isZero(text) ? `−${text}` : text;
}

const count = (value) => fixed(value, 0);

// 88.5 %, never broken before the sign.
const percent = (share, decimals = 1) => (missing(share) ? MISSING : `${fixed(100 * share, decimals)}\u00a0%`);

// +0.2500 or −0.2500; what rounds to zero has no sign.
function signed(value, decimals = 4) {
  const text = fixed(value, decimals);
  return value > 0 && Number.isFinite(value) && !isZero(text) ? `+${text}` : text;
}

// At most so many significant digits: 0.0003, 2.3, 12,300, 6 · 10⁻⁸.
function short(value, digits = 6) {
  if (missing(value)) return MISSING;
  if (value === 0) return "0";
  const [mantissa, exponent] = Math.abs(value).toExponential(digits - 1).split("e");
  const power = Number(exponent);
  const plain = () => bare(grouped(Number(`${mantissa}e${power}`).toFixed(Math.max(0, digits - 1 - power))));
  const text = power < -4 || power > 6 ? `${bare(mantissa)}\u00a0·\u00a010${raised(power)}` : plain();
  return value < 0 ? `−${text}` : text;
}
