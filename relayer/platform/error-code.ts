/** The header in which a program finds the kind of an error of ours, whatever the body is like. */
export const CODE_HEADER = "x-error-code";
