/** The vocabulary of the lifelike database: about 1,400 words, common ones first. */

const stems =
  'order item price stock ship pay return open close check part market report house table paper light water ' +
  'season letter garden kitchen window travel summer winter river forest mountain island bridge station corner ' +
  'simple gentle clever modern classic vivid quiet bright silver golden copper cotton linen woollen leather wooden ' +
  'carry hold turn lift fold press paint print cover wrap pack seal store collect deliver answer promise explain ' +
  'customer vendor partner neighbour friend visitor member teacher doctor painter builder farmer driver sailor ' +
  'morning evening holiday weekend birthday journey picture pattern colour texture surface handle button pocket ' +
  'bottle basket blanket pillow curtain carpet mirror candle drawer shelf cabinet ladder hammer needle thread ' +
  'coffee butter cheese honey pepper ginger lemon orange cherry almond walnut barley tomato potato spinach onion ' +
  'review rating comment question remark notice detail reason result method version account balance invoice receipt ' +
  'discount voucher coupon refund parcel carrier tracking address country region postal harbour airport border ' +
  'inspect repair replace improve measure adjust assemble install connect protect prevent reduce extend balance ' +
  'battery charger cable adapter speaker monitor keyboard printer scanner sensor switch engine motor filter valve ' +
  'blue green yellow purple scarlet crimson ivory amber jade olive coral indigo violet maroon charcoal';

const endings = ['', 's', 'ed', 'ing', 'er', 'ly', 'ness'] as const;

/** In the order of their use: stems, then their forms. None is longer than 16 characters. */
export const words: readonly string[] = endings.flatMap((ending) => stems.split(' ').map((stem) => stem + ending));
