// Everything that the worker registers as a workflow; nothing else may be exported here.

export { approval } from './approval.ts';
