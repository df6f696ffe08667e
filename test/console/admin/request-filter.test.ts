import { expect, test } from 'vitest';
import { filterFrom, filterSearch } from '../../../src/console/admin/requests/request-filter.ts';

test('a filter survives the way into the address and back', () => {
  const filter = { ...filterFrom(''), buyerId: 'buyer_3', model: 'claude & co', since: '7d' };
  expect(filterSearch(filter)).toBe('buyer=buyer_3&model=claude+%26+co&since=7d');
  expect(filterFrom(filterSearch(filter))).toEqual(filter);
});

test('no filter is an address without a query, and what is not a filter is passed over', () => {
  expect(filterSearch(filterFrom('?page=2'))).toBe('');
});
