// Start every part of the page.

import { startDiagram } from "./diagram.js";
import { startExamples } from "./examples.js";
import { startHandles } from "./handles.js";
import { startInspector } from "./inspector.js";
import { startPlayer } from "./player.js";
import { startSettings } from "./settings.js";
import { startTable } from "./value_table.js";
import { startTabs } from "./tabs.js";

document.documentElement.classList.add("js");
startSettings();
startDiagram();
startTabs();
startTable();
startInspector();
startPlayer();
startHandles();
startExamples();
document.documentElement.dataset.ready = "";
