/** After an upgrade at any moment of an earlier version's life, nothing is proven before a scan of this version has finished. */
import { expectNoProofBeforeItsOwnScan } from './stored-states/own-scan';
import { recordedStates } from './stored-states/stored-state';

test.each(recordedStates())('$form, $moment', expectNoProofBeforeItsOwnScan);
