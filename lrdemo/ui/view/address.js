// Changed settings replace the address, so that Back leads to the page before at once. Streamlit adds an entry to the
// history for every change of the query, and has no setting for it; a change of page has another path.

if (!window.lrdemoAddress) {
  window.lrdemoAddress = true;
  const push = history.pushState.bind(history);
  history.pushState = (state, title, address) => {
    const samePage = new URL(address ?? "", location.href).pathname === location.pathname;
    if (samePage) history.replaceState(state, title, address);
    else push(state, title, address);
  };
}
