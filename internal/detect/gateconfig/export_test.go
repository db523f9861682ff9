package gateconfig

// Kinds are all kinds that the detector reports.
var Kinds = shipped.All()
