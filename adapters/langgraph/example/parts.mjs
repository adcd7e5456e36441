// What the example needs beside its graph: no model, the calls are its input.
export const partsOf = (refund, wanted) => ({ refund, input: { wanted } });
