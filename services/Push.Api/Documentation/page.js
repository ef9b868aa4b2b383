'use strict';

// Whatever stands in front of this page, requests go back the same way: its own address is the server of the document.
const base = new URL('..', location.href);

// Fonts, agents and the other services would come from the internet.
Scalar.createApiReference('#app', {
  sources: [{ title: 'v1', url: new URL('openapi/v1.json', base).href }],
  servers: [{ url: base.href.replace(/\/$/, ''), description: 'This server' }],
  withDefaultFonts: false,
  hideClientButton: true,
  telemetry: false,
  showDeveloperTools: 'never',
  agent: { disabled: true },
  mcp: { disabled: true },
});
