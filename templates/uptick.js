// A static page can lie by standing still: once it no longer holds, say so.
"use strict";
{
  const until = Date.parse(document.getElementById("valid-until").dateTime);
  const notice = document.getElementById("stale");

  const look = () => {
    if (Date.now() <= until || notice.textContent) return;
    document.documentElement.classList.add("stale");
    notice.textContent = notice.dataset.text;
  };

  look();
  // A timer sleeps with its tab and its machine: look again whenever the page is seen.
  setInterval(look, 5000);
  addEventListener("pageshow", look);
  document.addEventListener("visibilitychange", look);
}
