// All that may be shown is there: the view that the address names is shown first.
router.start();
// Everything is drawn and answers: said for who measures it.
performance.mark("atlas-ready");
document.documentElement.dataset.ready = "yes";
