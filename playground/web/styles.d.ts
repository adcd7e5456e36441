// Style sheets are bundled by the build; to the compiler they are empty modules.
declare module '*.css';
