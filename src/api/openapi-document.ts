export const OPENAPI_DEFLATED = "";
