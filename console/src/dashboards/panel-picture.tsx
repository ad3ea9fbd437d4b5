/** A panel, drawn as in the pictures of the docs, with its numbers in a table for who cannot see it. */
import { optionOf } from '@microshop/grafana/render/chart';
import type { FilledPanel } from '@microshop/grafana/render/dashboard';
import { valueText } from '@microshop/grafana/render/panels/look';
import { panelDrawing } from '@microshop/grafana/render/picture';
import { calculated, type Scene } from '@microshop/grafana/render/series';
import { init } from 'echarts/core';
import { useEffect, useRef } from 'react';

interface PictureProps {
  readonly filled: FilledPanel;
  readonly scene: Scene;
}

/** The panel, as large as its place on the page. */
export function PanelPicture({ filled, scene }: PictureProps) {
  const place = useRef<HTMLDivElement>(null);
  const { panel, series } = filled;
  useEffect(() => {
    const element = place.current;
    if (element === null) return;
    const chart = init(element, undefined, { renderer: 'svg' });
    // the observer also reports the size that there is when it begins
    const observer = new ResizeObserver(() => {
      const { clientWidth: width, clientHeight: height } = element;
      if (width === 0 || height === 0) return;
      chart.resize({ width, height });
      chart.setOption(optionOf(panelDrawing(filled, { x: 0, y: 0, width, height }, scene)), {
        notMerge: true,
      });
    });
    observer.observe(element);
    return () => {
      observer.disconnect();
      chart.dispose();
    };
  }, [filled, scene]);
  return (
    <>
      <div ref={place} className="picture" aria-hidden="true" />
      <table className="spoken">
        <caption>{panel.title}</caption>
        <tbody>
          {series.map((one, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: lines of two queries may have one name
            <tr key={index}>
              <th scope="row">{one.name}</th>
              <td>{valueText(panel, calculated(one, 'lastNotNull'))}</td>
            </tr>
          ))}
          {series.length === 0 && (
            <tr>
              <td>{panel.fieldConfig?.defaults.noValue ?? 'No data'}</td>
            </tr>
          )}
        </tbody>
      </table>
    </>
  );
}
