// The page of a comparison alone.
new Changes(document.getElementById("changes")).start();
document.documentElement.dataset.ready = "yes";
