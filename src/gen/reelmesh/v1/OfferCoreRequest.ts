// Original file: proto/reelmesh/v1/node.proto


export interface OfferCoreRequest {
}

export interface OfferCoreRequest__Output {
}
