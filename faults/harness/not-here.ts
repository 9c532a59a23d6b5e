/** A row that cannot be run here, as without the rights it needs: neither passed nor failed. */
export class NotHere extends Error {}
