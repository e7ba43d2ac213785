import type { ContentBody } from "./content-body.js";
import type { ContentHeader } from "./content.js";
import type { Command } from "./generated/commands.js";
import type { Heartbeat } from "./heartbeat.js";
import type { ProtocolHeader } from "./protocol-header.js";

/** Whatever stands in a stream: `switch (frame.name)` tells them apart. */
export type Frame = Command | ContentHeader | ContentBody | Heartbeat | ProtocolHeader;
