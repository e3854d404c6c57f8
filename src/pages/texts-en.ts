import { html } from "hono/html";
import type { Texts } from "./texts.ts";

/** English. WeChat's button keeps its Chinese name beside the translation: it is what is seen on screen. */
export const EN: Texts = {
  tag: "en",
  headings: {
    open_in_wechat: {
      title: "Open this page in WeChat",
      lead: "You need to sign in with WeChat, and this app cannot do that. Please open the page in WeChat.",
    },
    profile: {
      title: "Share your WeChat profile",
      lead: "To continue, please allow this site to use:",
      optional: "You can allow these, or continue without:",
    },
    snapshot: {
      title: "Switch to full service",
      lead: "WeChat is showing a snapshot of this page. You can look around, but you cannot sign in yet.",
    },
    refused_base: {
      title: "Sign-in not completed",
      lead: "Sign-in was cancelled. Tap the button to sign in.",
    },
    refused_profile: {
      title: "Permission not given",
      lead: "It was cancelled. This page needs your WeChat avatar and nickname to continue.",
      optional: "It was cancelled. You can allow it again or continue without.",
    },
    try_again: { title: "Sign-in did not work", lead: "Please tap the button below to sign in again." },
    cookies_blocked: {
      title: "Sign-in could not be saved",
      lead: "Your browser did not keep our cookie, so you cannot be signed in. You can try this:",
    },
    blocked: {
      title: "Access not available",
      lead: "Your account cannot use this site at the moment. If you have questions, please contact the site.",
    },
    signed_out: { title: "Signed out", lead: "You have signed out of this site." },
    confirm_sign_out: { title: "Sign out?", lead: "You will need to sign in again to use some pages." },
    origin_unreachable: { title: "Site not available", lead: "The site is not responding. Please try again later." },
    too_many: {
      title: "Please try again later",
      lead: "Too many requests, or many visitors right now. Please wait a moment.",
    },
    denied: { title: "Page not available", lead: "This page is not open to visitors." },
    error_account: {
      title: "WeChat account restricted",
      lead: "WeChat does not let your account sign in at the moment. Please contact WeChat.",
    },
    error_not_found: { title: "Page not found", lead: "Please check that the link is complete and correct." },
    error_request: {
      title: "This page cannot be opened",
      lead: "The link or request may be wrong or expired. Please go back and try again.",
    },
    error_server: { title: "Service not available", lead: "Please try again later." },
  },
  guide: {
    scan: "Scan with WeChat",
    qrLabel: "QR code of this page",
    copy: "Take the link to WeChat",
    steps: ["Select and copy the link above", "In WeChat, send it to File Transfer", "Tap the link in the chat"],
  },
  profile: {
    asked: ["WeChat avatar", "WeChat nickname"],
    why: "They are used to show your account on this site.",
    next: "Tap “Allow and continue”, then follow the steps in WeChat.",
    failed: "The last attempt did not succeed. Please try again.",
  },
  snapshotSteps: [
    html`Tap “<span lang="zh-CN">使用完整服务</span>” (use full service) at the bottom of the screen`,
    "Follow the steps in WeChat to continue",
  ],
  cookieSteps: [
    "Allow cookies in your browser settings",
    "Leave private browsing mode",
    "In WeChat, close the app completely and open it again",
  ],
  askForHelp: "If it still does not work, please contact the site and give the error code and request ID below.",
  waitSeconds: (count) => `Please try again in ${count} ${count === 1 ? "second" : "seconds"}.`,
  waitMinutes: (count) => `Please try again in ${count} ${count === 1 ? "minute" : "minutes"}.`,
  buttons: {
    authorise: "Allow and continue",
    authoriseAgain: "Allow again",
    skip: "Not now",
    signIn: "Sign in again",
    signOut: "Sign out",
    cancel: "Cancel",
    reload: "Reload",
  },
  foot: { code: "Error code", requestId: "Request ID" },
};
