// What a component returns is called when it leaves the page. Streamlit calls the component again when its data has
// changed, and keeps only what it returned last; but of a call that came before the script had loaded, it calls what was
// returned as soon as it has it, which is after the next call has begun to use the component.

const newest = new WeakMap();

function closing(parentElement, close) {
  const call = {};
  newest.set(parentElement, call);
  return () => {
    if (newest.get(parentElement) === call) close();
  };
}
