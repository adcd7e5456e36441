// Runs once in each sandbox of workflows, before the first of them and before its globals are frozen (scripts/bundle.mjs).

/**
 * The SDK takes a stack trace for each promise of a workflow, and a nudge makes several: without traces thousands of nudges
 * cost a workflow task less than half. Nobody reads them: a workflow of ours waits in one place.
 */
Error.stackTraceLimit = 0;

export {};
