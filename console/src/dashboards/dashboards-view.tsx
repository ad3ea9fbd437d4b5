/** The dashboards of Grafana, drawn on the page. */
import { dashboardListSchema } from '@microshop/control/console/dashboard-schemas';
import { Link } from '@tanstack/react-router';
import { ask } from '../api/ask.ts';
import { useReading } from '../api/reading.ts';

/** All of them; they are files of the checkout, and stay. */
export function useDashboards() {
  return useReading({
    queryKey: ['dashboards'],
    queryFn: ({ signal }) => ask(dashboardListSchema, '/api/console/dashboards', { signal }),
    staleTime: Number.POSITIVE_INFINITY,
  });
}

/** The list. */
export function DashboardsView() {
  const { data, error } = useDashboards();
  return (
    <>
      <h1>Dashboards</h1>
      {error !== null && <p className="notice bad">{error.message}</p>}
      <div className="two">
        {data?.dashboards.map(({ uid, title, description }) => (
          <section key={uid} className="card" aria-labelledby={uid}>
            <h2 id={uid}>
              <Link to="/dashboards/$uid" params={{ uid }}>
                {title}
              </Link>
            </h2>
            <p>{description}</p>
          </section>
        ))}
      </div>
    </>
  );
}
