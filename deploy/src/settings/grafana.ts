/** Grafana's settings, the same in every mode that runs it: to look at dashboards nobody signs in. */
import { portVariable } from '@microshop/topology';
import { ownSecrets } from '../container-paths.ts';

/**
 * What Grafana reads from its environment.
 * @param dashboards directory of the dashboards
 * @param jaegerPort port of Jaeger's page on the machine of who looks: links of the data source lead there
 */
export function grafanaEnvironment(dashboards: string, jaegerPort: string): Readonly<Record<string, string>> {
  return {
    GF_AUTH_ANONYMOUS_ENABLED: 'true',
    GF_AUTH_ANONYMOUS_ORG_ROLE: 'Viewer',
    GF_SECURITY_ADMIN_PASSWORD__FILE: `${ownSecrets}/grafana-password`,
    GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH: `${dashboards}/shop-overview.json`,
    GF_ANALYTICS_REPORTING_ENABLED: 'false',
    GF_ANALYTICS_CHECK_FOR_UPDATES: 'false',
    GF_PLUGINS_PREINSTALL_DISABLED: 'true',
    [portVariable('jaeger')]: jaegerPort,
  };
}
