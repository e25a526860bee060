// Hands the picked image to the map on the same page: 4 bytes of its index, 784 bytes of pixels.

export default function ({ data }) {
  window.lrdemoPicture = data.slice();
  window.dispatchEvent(new CustomEvent("lrdemo-picture", { detail: window.lrdemoPicture }));
}
