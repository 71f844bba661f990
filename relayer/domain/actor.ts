/** Who acts over HTTP: the authenticated name, and the address that the request came from. */
export type Actor = { readonly name: string; readonly from: string };

/**
 * What people and programs may do over HTTP, each role what those before it may, too. `viewer`: look. `reporter`: post alerts, as
 * Prometheus does. `operator`: silence, acknowledge, test. `admin`: change what is in force.
 */
export const userRoles = ["viewer", "reporter", "operator", "admin"] as const;
/** {@link userRoles} */
export type UserRole = (typeof userRoles)[number];
