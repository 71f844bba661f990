/** Who acts over HTTP: the authenticated name, and the address that the request came from. */
export type Actor = { readonly name: string; readonly from: string };
