/** Every dashboard. A new one is a file here and a line in this list. */
import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { mesh } from './mesh.ts';
import { messagingFlow } from './messaging.ts';
import { serviceInDepth } from './service.ts';
import { shopOverview } from './shop-overview.ts';
import { telemetryHealth } from './telemetry-health.ts';
import { trafficAndFaults } from './traffic-and-faults.ts';

/** Builds them all. */
export function buildDashboards(): Dashboard[] {
  return [
    shopOverview(),
    mesh(),
    serviceInDepth(),
    messagingFlow(),
    trafficAndFaults(),
    telemetryHealth(),
  ].map(numbered);
}

/** Numbers the panels, since links name them by their number; the SDK leaves it to Grafana, which writes none here. */
function numbered(dashboard: Dashboard): Dashboard {
  const panels = (dashboard.panels ?? []).map((panel, index) => ({ ...panel, id: index + 1 }));
  return { ...dashboard, panels };
}
