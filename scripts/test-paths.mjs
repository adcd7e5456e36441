// Which tests are whose: the adapters' need frameworks that nothing else needs, so that they are a command of their own.

export const ADAPTER_TESTS = ['adapters/', 'test/product/python.test.ts'];
