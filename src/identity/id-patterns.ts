/** What ids may consist of: they become headers, keys and URLs, so every entrance judges them by the same expression. */

/** openid and unionid: only the characters that WeChat uses. */
export const WECHAT_ID = /^[\w-]{1,128}$/;

/**
 * The site's own id for a user; never like one of ours, in any case, as D1's CHECK compares with LIKE. Without a flag,
 * because the OpenAPI document carries the expression and could not carry that.
 */
export const SITE_USER = /^(?![wW][xX][uU]_)[\w.:@+-]{1,128}$/;

/** UTF-16 units of a nickname that are stored: of a longer one a login keeps the beginning, an import refuses it. */
export const STORED_NICKNAME_MAX = 1_024;
